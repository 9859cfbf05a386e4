"""What API Gateway refuses of an OpenAPI document, and how it names models."""

from typing import Any

import pytest

from sam_harness.localstack.corrections.apigateway_rules import (
    is_document,
    operations,
    problems,
    with_models,
)

SCHEMA = {"type": "object", "required": ["id"]}
INTEGRATION = "x-amazon-apigateway-integration"
REF = "#/components/schemas/"


def said(*paths: str, models: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong with these paths and models."""
    return list(
        problems({"paths": {path: {} for path in paths}}, dict.fromkeys(models))
    )


@pytest.mark.parametrize(
    "paths",
    [
        ("/", "/orders", "/orders/", "/orders/{id}", "/orders/{id}/items/{item}"),
        ("/orders/{id}", "/orders/new", "/orders/{id}/items", "/refunds/{refund}"),
        ("/{proxy+}", "/a/{proxy+}", "/v1.0/a_b-c/d:e/f,g"),
    ],
)
def test_paths_that_api_gateway_takes_pass(paths: tuple[str, ...]) -> None:
    """In any depth."""
    assert said(*paths) == []


@pytest.mark.parametrize(
    ("paths", "problem"),
    [
        (("/orders/{id}", "/orders/{order}/items"), "/orders/{order}/items: A sibling"),
        (("/{proxy+}/items",), "/{proxy+}/items: a greedy path variable"),
        (("orders",), "orders: a path begins with /"),
        (("/a b",), "/a b: Resource's path part"),
        (("/{a}{b}",), "/{a}{b}: Resource's path part"),
        (("/{id}.html",), "/{id}.html: Resource's path part"),
    ],
)
def test_paths_that_api_gateway_refuses_are_told(
    paths: tuple[str, ...], problem: str
) -> None:
    """With the path, and what is wrong with it."""
    [only] = said(*paths)

    assert only.startswith(problem)


def test_a_model_has_letters_and_digits_in_its_name() -> None:
    """No underscore, dot or hyphen."""
    assert said(models=("Order2", "body_1")) == [
        "Model name must be alphanumeric: body_1"
    ]


def body(**told: Any) -> dict[str, Any]:  # noqa: ANN401 - of OpenAPI
    """Return the body of a request."""
    return {"content": {"application/json": told}}


def test_a_schema_in_an_operation_becomes_a_model() -> None:
    """Its own, and the one that it shares with others; the document stays as it is."""
    named = body(schema={"$ref": f"{REF}Order"})
    document: dict[str, Any] = {
        "openapi": "3.0.1",
        "paths": {
            "/own": {"post": {"requestBody": body(schema=SCHEMA)}},
            "/shared": {
                "put": {"requestBody": {"$ref": "#/components/requestBodies/B"}}
            },
            "/named": {"post": {"requestBody": named}},
        },
        "components": {
            "schemas": {"Order": {}},
            "requestBodies": {"B": body(schema=SCHEMA)},
        },
    }

    made, models = with_models(document)

    asked = {path: operation for path, _, operation in operations(made)}
    own = asked["/own"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    shared = made["components"]["requestBodies"]["B"]["content"]["application/json"]
    assert models[own.removeprefix(REF)] == SCHEMA
    assert models[shared["schema"]["$ref"].removeprefix(REF)] == SCHEMA
    assert asked["/named"]["requestBody"] == named
    assert document["paths"]["/own"] == {"post": {"requestBody": body(schema=SCHEMA)}}


def test_a_body_of_swagger_is_called_what_its_model_is() -> None:
    """LocalStack takes the parameter's name for the model's."""
    of_body = {"in": "body", "name": "body", "schema": {"$ref": "#/definitions/Order"}}
    of_query = {"in": "query", "name": "q"}
    document = {
        "swagger": "2.0",
        "paths": {"/orders": {"post": {"parameters": [of_query, of_body]}}},
        "definitions": {"Order": SCHEMA},
    }

    made, models = with_models(document)

    [(_, _, operation)] = operations(made)
    assert [one["name"] for one in operation["parameters"]] == ["q", "Order"]
    assert models == {"Order": SCHEMA}


def test_a_model_is_not_called_what_another_is_called() -> None:
    """The template's own MODEL1 stays what it is."""
    post = {"post": {"requestBody": body(schema=SCHEMA)}}
    document: dict[str, Any] = {
        "openapi": "3.0.1",
        "paths": {"/a": post, "/b": post},
        "components": {"schemas": {"MODEL1": {"type": "string"}}},
    }

    _, models = with_models(document)

    assert models["MODEL1"] == {"type": "string"}
    assert list(models.values()).count(SCHEMA) == 2


@pytest.mark.parametrize(
    "empty",
    [
        {"components": None},
        {"components": {"schemas": None, "requestBodies": None}},
        {"paths": None},
        {"paths": {"/a": None}},
        {"paths": {"/a": {"parameters": None, "get": None}}},
        {"swagger": "2.0", "definitions": None},
    ],
)
def test_a_key_without_a_value_is_as_if_it_were_not_there(
    empty: dict[str, Any],
) -> None:
    """YAML has nothing after the colon then."""
    made, models = with_models(empty)

    assert list(operations(made)) == []
    assert list(problems(made, models)) == []
    assert models == {}


@pytest.mark.parametrize("told", ["x", [], None, {"paths": []}, {"paths": {"/": []}}])
def test_what_has_no_fields_is_no_document(told: object) -> None:
    """Nor has a path that is a list any."""
    assert not is_document(told)
    assert is_document({"paths": {"/": None}})


@pytest.mark.parametrize("verb", ["get", "x-amazon-apigateway-any-method"])
def test_an_operation_may_have_keys_without_a_value(verb: str) -> None:
    """But what says that a method is asked stays, and so does a response."""
    operation = {
        "parameters": None,
        "requestBody": None,
        "responses": {"200": None},
        "security": [{"Own": None}],
        INTEGRATION: {"uri": None, "responses": None},
        "x-own": {"a": None},
    }

    made, _ = with_models({"paths": {"/a": {verb: operation}}})

    told = {
        "responses": {"200": {}},
        "security": [{"Own": None}],
        INTEGRATION: {},
        "x-own": {"a": None},
    }
    assert [one for _, _, one in operations(made)] == [told]


def test_a_field_of_a_path_that_is_no_verb_is_no_operation() -> None:
    """Nor left to LocalStack, which takes it for one."""
    anything = "x-amazon-apigateway-any-method"
    item = {"x-foo": {"a": 1}, "summary": "s", "get": {}, anything: {}}

    made, _ = with_models({"paths": {"/a": item}})

    assert [verb for _, verb, _ in operations({"paths": {"/a": item}})] == [
        "GET",
        "ANY",
    ]
    assert made["paths"]["/a"] == {"summary": "s", "get": {}, anything: {}}


def test_a_path_with_a_slash_at_its_end_is_the_one_without() -> None:
    """LocalStack would lose its methods, or those of the other."""
    get, put = {"get": {"operationId": "a"}}, {"put": {"operationId": "b"}}

    made, models = with_models({"paths": {"/a/b": get, "/a/": put, "/a": get}})

    assert made["paths"] == {"/a/b": get, "/a": put | get}
    assert list(problems(made, models)) == []


def test_a_method_with_and_without_a_slash_at_the_end_of_its_path_is_refused() -> None:
    """One of the two would be lost."""
    get = {"get": {"operationId": "a"}}

    [said] = problems(*with_models({"paths": {"/a": get, "/a/": get}}))

    assert said == "/a/: here it is the same as without the slash at its end"


def test_paths_that_differ_by_a_slash_at_the_end_may_share_all_but_methods() -> None:
    """As a summary."""
    get, post = ({verb: {"operationId": verb}} for verb in ("get", "post"))
    told = {"summary": "s", "parameters": []}

    document = {"paths": {"/a": {**told, **get}, "/a/": {**told, **post}}}

    assert list(problems(*with_models(document))) == []
    assert [*with_models(document)[0]["paths"]] == ["/a"]
