"""API Gateway: its stages, and who may call its methods."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sam_harness.policy.rule import Element, ResolvedTemplate, Violation, known, rule
from sam_harness.template.resolver import Path

_REST_STAGE = "AWS::ApiGateway::Stage"
_DEPLOYMENT = "AWS::ApiGateway::Deployment"
_V2_STAGE = "AWS::ApiGatewayV2::Stage"
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


def _stages(template: ResolvedTemplate, *kinds: str) -> Iterator[_Stage]:
    declared = set()
    for element in template.elements(*kinds):
        properties = element.properties
        name = str(properties.get("StageName", element.logical_id))
        declared.add((properties.get("RestApiId"), name))
        yield _Stage(element, name, properties, element.at())
    if _REST_STAGE not in kinds:
        return
    # A deployment that names a stage makes it, unless a resource does. SAM's do so
    # when OpenApiVersion is not set.
    for element in template.elements(_DEPLOYMENT):
        made = element.properties.get("StageName")
        if made and (element.properties.get("RestApiId"), made) not in declared:
            settings = element.properties.get("StageDescription") or {}
            path = element.at("StageDescription")
            yield _Stage(element, str(made), settings, path)


@rule("E9010", "A stage of a REST API is traced.")
def _tracing(template: ResolvedTemplate) -> Iterator[Violation]:
    for stage in _stages(template, _REST_STAGE):
        if stage.settings.get("TracingEnabled") not in {True, "true"}:
            message = f"{stage.shown} is not traced: set TracingEnabled"
            yield Violation((*stage.path, "TracingEnabled"), message)


@rule("E9011", "An API stage writes access logs.")
def _access_logs(template: ResolvedTemplate) -> Iterator[Violation]:
    for stage in _stages(template, _REST_STAGE, _V2_STAGE):
        logs = (
            stage.settings.get("AccessLogSetting")
            or stage.settings.get("AccessLogSettings")
            or {}
        )
        if not logs.get("DestinationArn"):
            message = f"{stage.shown} writes no access logs: set AccessLogSetting"
            yield Violation((*stage.path, "AccessLogSetting"), message)


@rule("E9012", "An API stage limits rate and burst of all methods.")
def _throttling(template: ResolvedTemplate) -> Iterator[Violation]:
    for stage in _stages(template, _REST_STAGE):
        # A deployment's StageDescription has the limits of all methods at its top.
        everywhere = [stage.settings] + [
            setting
            for setting in stage.settings.get("MethodSettings", [])
            if (setting.get("ResourcePath"), setting.get("HttpMethod")) == ("/*", "*")
        ]
        if not any(_limits(setting) for setting in everywhere):
            message = (
                f"{stage.shown} has no throttling of its own: set the rate and burst "
                'limits of "/*" "*" in MethodSettings'
            )
            yield Violation((*stage.path, "MethodSettings"), message)
    for stage in _stages(template, _V2_STAGE):
        if not _limits(stage.settings.get("DefaultRouteSettings") or {}):
            message = (
                f"{stage.shown} has no throttling of its own: set the rate and burst "
                "limits in DefaultRouteSettings"
            )
            yield Violation((*stage.path, "DefaultRouteSettings"), message)


def _limits(setting: dict[str, Any]) -> bool:
    return {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= set(setting)


@rule("E9013", "An API method asks for a key or an authoriser, except for OPTIONS.")
def _open_methods(template: ResolvedTemplate) -> Iterator[Violation]:
    yield from _open_in_definitions(template)
    for method in template.elements("AWS::ApiGateway::Method"):
        needs_key = method.properties.get("ApiKeyRequired") in {True, "true"}
        authorised = method.properties.get("AuthorizationType", "NONE") != "NONE"
        verb = method.properties.get("HttpMethod")
        if verb != "OPTIONS" and not (needs_key or authorised):
            yield _open(method.at("AuthorizationType"), method.logical_id)
    for route in template.elements("AWS::ApiGatewayV2::Route"):
        key = str(route.properties.get("RouteKey"))
        # Only the opening of a WebSocket is authorised, and CORS never is.
        later = (key.startswith("$") and key not in {"$connect", "$default"}) or (
            _is_websocket(template, route) and key != "$connect"
        )
        authorised = route.properties.get("AuthorizationType", "NONE") != "NONE"
        if not (authorised or later or key.startswith("OPTIONS ")):
            yield _open(route.at("AuthorizationType"), f"route {key}")
    for url in template.elements("AWS::Lambda::Url"):
        if url.properties.get("AuthType") == "NONE":
            yield _open(url.at("AuthType"), f"the URL {url.logical_id}")


def _is_websocket(template: ResolvedTemplate, route: Element) -> bool:
    api = template.find(route.properties.get("ApiId"), "AWS::ApiGatewayV2::Api")
    return bool(api and api.properties.get("ProtocolType") == "WEBSOCKET")


def _open_in_definitions(template: ResolvedTemplate) -> Iterator[Violation]:
    for api in template.elements("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        body = api.properties.get("Body")
        if not isinstance(body, dict):
            continue
        for route, methods in (body.get("paths") or {}).items():
            for verb, method in methods.items():
                if verb.lower() not in _HTTP_METHODS or not isinstance(method, dict):
                    continue
                security = method.get("security", body.get("security"))
                if not _secured(security):
                    any_method = verb == "x-amazon-apigateway-any-method"
                    shown = "ANY" if any_method else verb.upper()
                    path = api.at("Body", "paths", route, verb)
                    yield _open(path, f"{shown} {route} of {api.logical_id}")


def _secured(security: object) -> bool:
    """Tell whether every alternative of OpenAPI's ``security`` asks for something.

    SAM writes NONE for a method that opts out of the default authoriser.
    """
    return (
        isinstance(security, list)
        and bool(security)
        and all(isinstance(one, dict) and set(one) - {"NONE"} for one in security)
    )


def _open(path: Path, what: str) -> Violation:
    return Violation(path, f"{what} asks for no key and no authoriser: set one")
