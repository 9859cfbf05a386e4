"""API Gateway: its stages, and who may call its methods."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sam_harness.iam.request import several
from sam_harness.policy.rule import (
    Element,
    ResolvedTemplate,
    Violation,
    known,
    listed,
    mapping,
    rule,
)
from sam_harness.project import Profile
from sam_harness.template.values import Path

_REST_STAGE = "AWS::ApiGateway::Stage"
_DEPLOYMENT = "AWS::ApiGateway::Deployment"
_V2_STAGE = "AWS::ApiGatewayV2::Stage"
_REST_API, _V2_API = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"
_LIMITS = {"ThrottlingRateLimit", "ThrottlingBurstLimit"}
# What SAM calls the API of events that name none, and where it is configured.
_IMPLICIT = {"ServerlessRestApi": "Globals.Api", "ServerlessHttpApi": "Globals.HttpApi"}
_HTTP_METHODS = {
    "delete",
    "get",
    "head",
    "patch",
    "post",
    "put",
    "trace",
    "x-amazon-apigateway-any-method",
}


@dataclass(frozen=True, slots=True)
class _Stage:
    """A stage with its settings, whichever resource makes it."""

    element: Element
    name: str
    settings: dict[str, Any]
    path: Path

    @property
    def shown(self) -> str:
        shown = self.name if known(self.name) else self.element.logical_id
        return f"stage {shown} ({self.element.logical_id})"

    def place(self, template: ResolvedTemplate, setting: str) -> str:
        """Return where a setting is to be written."""
        for api, section in _IMPLICIT.items():
            implicit = api not in template.source["Resources"]
            if implicit and self.element.logical_id.startswith(api):
                return f"{section}.{setting}"
        return setting


def _stages(template: ResolvedTemplate, *kinds: str) -> Iterator[_Stage]:
    declared = set()
    for element in template.elements(*kinds):
        properties = element.properties
        name = str(properties.get("StageName", element.logical_id))
        declared.add((properties.get("RestApiId"), name))
        yield _Stage(element, name, properties, element.at())
    if _REST_STAGE not in kinds:
        return
    # A deployment that names a stage makes it, unless a resource does.
    for element in template.elements(_DEPLOYMENT):
        made = element.properties.get("StageName")
        if (
            made
            and (element.properties.get("RestApiId"), made) not in declared
            and template.is_written_as(element)
        ):
            settings = mapping(element.properties.get("StageDescription"))
            path = element.at("StageDescription")
            yield _Stage(element, str(made), settings, path)


@rule("E9010", Profile.STRICT)
def _tracing(template: ResolvedTemplate) -> Iterator[Violation]:
    """A stage of a REST API is traced."""
    for stage in _stages(template, _REST_STAGE):
        if stage.settings.get("TracingEnabled") not in {True, "true"}:
            place = stage.place(template, "TracingEnabled")
            message = f"{stage.shown} is not traced: set {place}"
            yield Violation((*stage.path, "TracingEnabled"), message)


@rule("E9011", Profile.STRICT)
def _access_logs(template: ResolvedTemplate) -> Iterator[Violation]:
    """An API stage writes access logs."""
    for stage in _stages(template, _REST_STAGE, _V2_STAGE):
        is_v2 = stage.element.kind == _V2_STAGE
        name = "AccessLogSettings" if is_v2 else "AccessLogSetting"
        if not mapping(stage.settings.get(name)).get("DestinationArn"):
            place = stage.place(template, name)
            message = f"{stage.shown} writes no access logs: set {place}"
            yield Violation((*stage.path, name), message)


@rule("E9012", Profile.STRICT)
def _throttling(template: ResolvedTemplate) -> Iterator[Violation]:
    """An API stage limits rate and burst of all methods."""
    for stage in _stages(template, _REST_STAGE, _V2_STAGE):
        is_v2 = stage.element.kind == _V2_STAGE
        name = "DefaultRouteSettings" if is_v2 else "MethodSettings"
        is_told = known(stage.settings.get(name) or "")
        if is_told and not any(
            set(setting) >= _LIMITS for setting in _everywhere(stage)
        ):
            place = stage.place(template, name)
            of_all = "" if is_v2 else 'of "/*" "*" '
            message = (
                f"{stage.shown} has no throttling of its own: set the rate and burst "
                f"limits {of_all}in {place}"
            )
            yield Violation((*stage.path, name), message)


def _everywhere(stage: _Stage) -> list[dict[str, Any]]:
    """Return the settings of all methods or routes."""
    # A deployment's StageDescription has those of all methods at its top.
    return [stage.settings, mapping(stage.settings.get("DefaultRouteSettings"))] + [
        setting
        for setting in listed(stage.settings.get("MethodSettings"))
        if (setting.get("ResourcePath"), setting.get("HttpMethod")) == ("/*", "*")
    ]


@rule("E9014", Profile.STRICT)
def _stray_stage(template: ResolvedTemplate) -> Iterator[Violation]:
    """A REST API has no second stage of the name Stage."""
    for element in template.elements(_DEPLOYMENT):
        if "StageName" in element.properties and not template.is_written_as(element):
            api = template.find(element.properties.get("RestApiId"), _REST_API)
            message = (
                f"SAM makes a second stage, Stage, of {api.logical_id if api else 'it'}"
                ", without the settings of the first: set Globals.Api.OpenApiVersion, "
                "then it makes none"
            )
            yield Violation(element.at("StageName"), message)


@rule("E9013", Profile.DEFAULT)
def _open_methods(template: ResolvedTemplate) -> Iterator[Violation]:
    """An API method asks for a key or an authoriser, except for OPTIONS."""
    yield from _open_in_definitions(template)
    for method in template.elements("AWS::ApiGateway::Method"):
        settings = method.properties
        needs_key = settings.get("ApiKeyRequired", False) not in {False, "false"}
        authorised = settings.get("AuthorizationType", "NONE") != "NONE"
        api = template.find(settings.get("RestApiId"), _REST_API)
        closed = needs_key or authorised or (api and _is_for_some(api))
        if settings.get("HttpMethod") != "OPTIONS" and not closed:
            yield _open(method.at("AuthorizationType"), method.logical_id)
    for route in template.elements("AWS::ApiGatewayV2::Route"):
        key = str(route.properties.get("RouteKey"))
        # Only the opening of a WebSocket is authorised, and CORS never is.
        later = (key.startswith("$") and key not in {"$connect", "$default"}) or (
            _is_websocket(template, route) and key != "$connect"
        )
        authorised = route.properties.get("AuthorizationType", "NONE") != "NONE"
        if not (authorised or later or key.startswith("OPTIONS ")):
            yield _open(route.at("AuthorizationType"), f"route {key}", _AUTHORISER)
    for url in template.elements("AWS::Lambda::Url"):
        if url.properties.get("AuthType") == "NONE":
            message = f"anyone may call {url.logical_id}: set AuthType to AWS_IAM"
            yield Violation(url.at("AuthType"), message)


def _is_websocket(template: ResolvedTemplate, route: Element) -> bool:
    api = template.find(route.properties.get("ApiId"), _V2_API)
    return bool(api and api.properties.get("ProtocolType") == "WEBSOCKET")


def _is_for_some(api: Element) -> bool:
    """Tell whether an API's endpoint or its resource policy keeps callers away."""
    endpoints = mapping(api.properties.get("EndpointConfiguration")).get("Types")
    written = mapping(api.properties.get("Body")).get("x-amazon-apigateway-policy")
    policy = api.properties.get("Policy") or written
    statements = listed(mapping(policy).get("Statement"))
    allowed = [one for one in statements if one.get("Effect") == "Allow"]
    for_all = [
        one
        for one in allowed
        if _is_everyone(one.get("Principal")) and not one.get("Condition")
    ]
    return "PRIVATE" in str(endpoints) or (
        bool(policy) and not (for_all and allowed == statements)
    )


def _is_everyone(principal: object) -> bool:
    """Tell whether a statement is for all callers; there are four ways to write that.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    named = principal.get("AWS") if isinstance(principal, dict) else principal
    return "*" in several(named)


def _open_in_definitions(template: ResolvedTemplate) -> Iterator[Violation]:
    for api in template.elements(_REST_API, _V2_API):
        body = mapping(api.properties.get("Body"))
        # A REST API's are its methods' alone:
        # https://github.com/amazon-archives/aws-apigateway-importer/issues/204
        of_all = body.get("security") if api.kind == _V2_API else None
        if _is_for_some(api):
            continue
        for route, methods in mapping(body.get("paths")).items():
            for verb, method in mapping(methods).items():
                if verb.lower() not in _HTTP_METHODS or not isinstance(method, dict):
                    continue
                if not _secured(method, of_all):
                    any_method = verb == "x-amazon-apigateway-any-method"
                    shown = "ANY" if any_method else verb.upper()
                    path = api.at("Body", "paths", route, verb)
                    asked = _AUTHORISER if api.kind == _V2_API else _KEY_OR_AUTHORISER
                    yield _open(path, f"{shown} {route} of {api.logical_id}", asked)


def _secured(method: dict[str, Any], of_all: object) -> bool:
    """Tell whether a method asks for IAM, or every alternative of ``security`` asks.

    SAM writes NONE for a method that opts out of the default authoriser.
    """
    security = method.get("security", of_all)
    own = mapping(method.get("x-amazon-apigateway-auth")).get("type", "NONE")
    return (
        str(own).upper() != "NONE"
        or not known(security or "")
        or (
            isinstance(security, list)
            and bool(security)
            and all(isinstance(one, dict) and set(one) - {"NONE"} for one in security)
        )
    )


_KEY_OR_AUTHORISER = "no key and no authoriser"
_AUTHORISER = "no authoriser"


def _open(path: Path, what: str, asked: str = _KEY_OR_AUTHORISER) -> Violation:
    return Violation(path, f"{what} asks for {asked}: set one")
