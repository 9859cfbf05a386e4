"""CloudFormation's stages and REST APIs: the settings of methods, and updates.

LocalStack drops the former. An update it takes for done, so that an API stays as it was
first deployed, or loses its stage with the deployment that is replaced.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from localstack.services.cloudformation.resource_provider import (
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)
from localstack.utils.objects import keys_to_lower
from moto.apigateway.models import apigateway_backends

from sam_harness.iam.request import text
from sam_harness.localstack.corrections.apigateway.imports import (
    refuse_model,
    refuse_undeclared,
)
from sam_harness.localstack.corrections.cloudformation_resources import (
    Act,
    around,
    done,
)

_SETTINGS = {
    "ThrottlingRateLimit": "throttling/rateLimit",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "MetricsEnabled": "metrics/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "CachingEnabled": "caching/enabled",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CacheDataEncrypted": "caching/dataEncrypted",
}
_OWN = {
    "ApiKeySourceType": "/apiKeySource",
    "Description": "/description",
    "Name": "/name",
}
_LIMITS = ("ApiStages", "Quota", "Throttle")
type Properties = Mapping[str, Any]


def _update_stage(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Point the stage to its new deployment, and set what can change."""
    name = request.previous_state["StageName"]
    model = {**request.desired_state, "StageName": name}
    variables = model.get("Variables") or {}
    wanted = {
        "/deploymentId": model["DeploymentId"],
        "/tracingEnabled": model.get("TracingEnabled", False),
        **{f"/variables/{name}": value for name, value in variables.items()},
    }
    # LocalStack has no operation for what the template has no more.
    stage = _backend(request).apis[model["RestApiId"]].stages[name]
    stage.variables.clear()
    stage.method_settings.clear()
    _patch(request, model, tuple(wanted.items()))
    return done(model)


def _update_plan(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Set a usage plan's limits anew: LocalStack changes some of them, or adds."""
    model, before = request.desired_state, request.previous_state
    plan = _backend(request).usage_plans[before["Id"]]
    limits = {name: model.pop(name) for name in _LIMITS if name in model}
    told = keys_to_lower(limits)
    plan.api_stages[:] = told.get("apiStages") or ()
    for name, kept in (("quota", plan.quota), ("throttle", plan.throttle)):
        kept.clear()
        kept.update(told.get(name) or {})
    provider.update(request)
    return done({**model, **limits}, Id=before["Id"])


def _backend(request: ResourceRequest) -> Any:  # noqa: ANN401 - untyped
    return apigateway_backends[request.account_id][request.region_name]


def _set_own(request: ResourceRequest, model: Properties) -> None:
    # What LocalStack looks up by a wrong name, takes from the document, or not at all.
    operations = [
        {"op": "replace", "path": path, "value": model[name]}
        for name, path in _OWN.items()
        if model.get(name)
    ]
    if operations:
        request.aws_client_factory.apigateway.update_rest_api(
            restApiId=model["RestApiId"], patchOperations=operations
        )


def _update_api(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Import the API's document anew, where it has one in the template.

    Without a Mode the document replaces that of before; the template's policy holds,
    and media types become more, never fewer.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-restapi.html
    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1894
    """
    wanted, before = request.desired_state, request.previous_state
    if not (body := wanted.get("Body")):
        return provider.update(request)
    client = request.aws_client_factory.apigateway
    types = client.get_rest_api(restApiId=before["RestApiId"]).get("binaryMediaTypes")
    imported = client.put_rest_api(
        restApiId=before["RestApiId"],
        mode=wanted.get("Mode", "overwrite"),
        body=json.dumps(body) if isinstance(body, dict) else body,
        parameters={"basepath": "ignore"} | wanted.get("Parameters", {}),
    )
    if "Mode" not in wanted:
        held = {*(types or ()), *wanted.get("BinaryMediaTypes", ())}
        _hold(client, imported, held, wanted.get("Policy"))
    made = {name: before[name] for name in ("Name", "RestApiId")}
    model = {**made, **wanted, "RootResourceId": imported["rootResourceId"]}
    _set_own(request, model)
    return done(model)


def _hold(client: Any, api: Properties, types: Iterable[str], policy: object) -> None:  # noqa: ANN401 - of boto3
    now = api.get("binaryMediaTypes", ())
    wanted = {one.replace("~1", "/") for one in types} - {*now}
    operations = [
        {"op": "add", "path": f"/binaryMediaTypes/{one.replace('/', '~1')}"}
        for one in sorted(wanted)
    ]
    if policy and not api.get("policy"):
        value = policy if isinstance(policy, str) else json.dumps(policy)
        operations.append({"op": "replace", "path": "/policy", "value": value})
    if operations:
        client.update_rest_api(restApiId=api["id"], patchOperations=operations)


def _check_model(request: ResourceRequest) -> None:
    refuse_model(request.logical_resource_id, request.desired_state.get("Schema", {}))


def _check_headers(request: ResourceRequest) -> None:
    model = request.desired_state
    declared = {
        str(one["StatusCode"]): one.get("ResponseParameters") or {}
        for one in model.get("MethodResponses") or ()
    }
    integration = model.get("Integration") or {}
    for made in integration.get("IntegrationResponses") or ():
        headers = declared.get(str(made.get("StatusCode")), {})
        mapped = made.get("ResponseParameters") or {}
        refuse_undeclared(request.logical_resource_id, mapped, headers)


def _patch(
    request: ResourceRequest, model: Properties, own: Iterable[tuple[str, object]] = ()
) -> None:
    """Set what is a stage's ``own``, by its path, and what it has of its methods."""
    operations = [
        {"op": "replace", "path": path, "value": text(value)}
        for path, value in (*own, *_settings(request.desired_state))
    ]
    if operations:
        request.aws_client_factory.apigateway.update_stage(
            restApiId=model["RestApiId"],
            stageName=model["StageName"],
            patchOperations=operations,
        )


def _settings(model: Properties) -> Iterable[tuple[str, object]]:
    for setting in model.get("MethodSettings") or ():
        path = setting.get("ResourcePath", "/*").removeprefix("/")
        if path != "*" and not path.startswith("~1"):
            path = f"~1{path.replace('/', '~1')}"
        where = f"/{path}/{setting.get('HttpMethod', '*')}"
        for name, end in _SETTINGS.items():
            if name in setting:
                yield f"{where}/{end}", setting[name]


ACTS: Mapping[str, Mapping[str, Act]] = {
    "AWS::ApiGateway::Method": around("create", "update", prepare=_check_headers),
    "AWS::ApiGateway::Model": around("create", prepare=_check_model),
    "AWS::ApiGateway::RestApi": around("create", finish=_set_own)
    | {"update": _update_api},
    "AWS::ApiGateway::Stage": around("create", finish=_patch)
    | {"update": _update_stage},
    "AWS::ApiGateway::UsagePlan": {"update": _update_plan},
}
