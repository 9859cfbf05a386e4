"""CloudFormation's functions: what of them and their permissions LocalStack drops.

Lambda itself keeps to what functions reserve, as AWS's does:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceRequest,
)
from localstack.services.lambda_.resource_providers.aws_lambda_function import (
    LambdaFunctionProvider,
)
from localstack.services.lambda_.resource_providers.aws_lambda_permission import (
    LambdaPermissionProvider,
)
from localstack.services.lambda_.resource_providers.aws_lambda_url import (
    LambdaUrlProvider,
)

_ACCOUNT = "SourceAccount"
_RESERVED = "ReservedConcurrentExecutions"


class Function(LambdaFunctionProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a function; called again until it is there."""
        return _reserved(request, super().create(request))

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a function and what it reserves."""
        return _reserved(request, super().update(request))


class Permission(LambdaPermissionProvider):  # type: ignore[misc] # as above
    """LocalStack's, of one account only where the template says so.

    SAM says so for every bucket that calls a function.
    """

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a permission."""
        return _limited(request, super().create(request))

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a permission."""
        return _limited(request, super().update(request))


class Url(LambdaUrlProvider):  # type: ignore[misc] # as above
    """LocalStack's, with updates: what the template closes would stay open."""

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change who may call it, and how."""
        before, model = request.previous_state, request.desired_state
        qualifier = {"Qualifier": model["Qualifier"]} if "Qualifier" in model else {}
        request.aws_client_factory.lambda_.update_function_url_config(
            FunctionName=model["TargetFunctionArn"],
            **qualifier,
            AuthType=model["AuthType"],
            Cors=model.get("Cors", {}),
            InvokeMode=model.get("InvokeMode", "BUFFERED"),
        )
        made = {name: before[name] for name in ("FunctionArn", "FunctionUrl")}
        return ProgressEvent(
            status=OperationStatus.SUCCESS, resource_model={**model, **made}
        )


PROVIDERS = {one.TYPE: one() for one in (Function, Permission, Url)}


def _reserved(request: ResourceRequest, event: ProgressEvent) -> ProgressEvent:
    if event.status != OperationStatus.SUCCESS:
        return event
    client = request.aws_client_factory.lambda_
    name = event.resource_model["FunctionName"]
    if (wanted := request.desired_state.get(_RESERVED)) is not None:
        client.put_function_concurrency(FunctionName=name, **{_RESERVED: int(wanted)})
    elif event.resource_model.pop(_RESERVED, None) is not None:
        client.delete_function_concurrency(FunctionName=name)
    return event


def _limited(request: ResourceRequest, event: ProgressEvent) -> ProgressEvent:
    model = event.resource_model
    if account := request.desired_state.get(_ACCOUNT):
        client = request.aws_client_factory.lambda_
        statement = {"FunctionName": model["FunctionName"], "StatementId": model["Id"]}
        told = {
            name: model[name]
            for name in ("Action", "Principal", "SourceArn")
            if name in model
        }
        client.remove_permission(**statement)
        client.add_permission(**statement, **told, **{_ACCOUNT: str(account)})
    return event
