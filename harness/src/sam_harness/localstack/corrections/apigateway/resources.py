"""CloudFormation's stages and REST APIs: the settings of methods, and updates.

LocalStack drops the former. An update it takes for done, so that an API stays as it was
first deployed, or loses its stage with the deployment that is replaced.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from localstack.services.apigateway.resource_providers import (
    aws_apigateway_method as methods,
)
from localstack.services.apigateway.resource_providers import (
    aws_apigateway_model as models,
)
from localstack.services.apigateway.resource_providers import (
    aws_apigateway_restapi as restapi,
)
from localstack.services.apigateway.resource_providers import (
    aws_apigateway_stage as stage,
)
from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceRequest,
)

from sam_harness.iam.request import text
from sam_harness.localstack.corrections.apigateway.imports import (
    refuse_model,
    refuse_undeclared,
)

_SETTINGS = {
    "ThrottlingRateLimit": "throttling/rateLimit",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "MetricsEnabled": "metrics/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
}
type Properties = Mapping[str, Any]


class Stage(stage.ApiGatewayStageProvider):  # type: ignore[misc] # untyped
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a stage, with the settings of its methods."""
        event = super().create(request)
        _patch(request, event.resource_model, _settings(event.resource_model))
        return event

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Point the stage to its new deployment, and set what can change."""
        name = request.previous_state["StageName"]
        model = {**request.desired_state, "StageName": name}
        variables = model.get("Variables") or {}
        wanted = {
            "/deploymentId": model["DeploymentId"],
            "/tracingEnabled": model.get("TracingEnabled", False),
            **{f"/variables/{name}": value for name, value in variables.items()},
        }
        settings = _settings(request.desired_state)
        _patch(request, model, (*wanted.items(), *settings))
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


class RestApi(restapi.ApiGatewayRestApiProvider):  # type: ignore[misc] # untyped
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make an API; where its keys come from LocalStack looks up by a wrong name."""
        event = super().create(request)
        if source := event.resource_model.get("ApiKeySourceType"):
            request.aws_client_factory.apigateway.update_rest_api(
                restApiId=event.resource_model["RestApiId"],
                patchOperations=[
                    {"op": "replace", "path": "/apiKeySource", "value": source}
                ],
            )
        return event

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Import the API's document anew, where it has one in the template."""
        wanted, before = request.desired_state, request.previous_state
        if not (body := wanted.get("Body")):
            return super().update(request)
        imported = request.aws_client_factory.apigateway.put_rest_api(
            restApiId=before["RestApiId"],
            body=json.dumps(body) if isinstance(body, dict) else body,
            parameters={"basepath": "ignore"} | wanted.get("Parameters", {}),
        )
        made = {"RootResourceId": imported["rootResourceId"], "Name": before["Name"]}
        model = {**wanted, **made, "RestApiId": before["RestApiId"]}
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


class Model(models.ApiGatewayModelProvider):  # type: ignore[misc] # untyped
    """LocalStack's, that is a JSON schema of draft 4."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a model."""
        wanted = request.desired_state
        refuse_model(request.logical_resource_id, wanted.get("Schema", {}))
        return super().create(request)


class Method(methods.ApiGatewayMethodProvider):  # type: ignore[misc] # untyped
    """LocalStack's, whose integration maps only headers that are declared."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a method."""
        _check_headers(request)
        return super().create(request)

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a method."""
        _check_headers(request)
        return super().update(request)


PROVIDERS = {one.TYPE: one() for one in (Stage, RestApi, Model, Method)}


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
    request: ResourceRequest, model: Properties, wanted: Iterable[tuple[str, object]]
) -> None:
    operations = [
        {"op": "replace", "path": path, "value": text(value)} for path, value in wanted
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
