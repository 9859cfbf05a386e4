"""CloudFormation's functions, with their versions, aliases, URLs and permissions.

What LocalStack drops of them, or cannot change.
"""

from collections.abc import Mapping

from localstack.services.cloudformation.resource_provider import (
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

from sam_harness.localstack.corrections.cloudformation_resources import (
    Act,
    Model,
    around,
    done,
)

_ACCOUNT = "SourceAccount"
_UPDATABLE = ("FunctionVersion", "Description", "RoutingConfig")
_RESERVED = "ReservedConcurrentExecutions"


def _reserve(request: ResourceRequest, model: Model) -> None:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    client = request.aws_client_factory.lambda_
    name = model["FunctionName"]
    if (wanted := request.desired_state.get(_RESERVED)) is not None:
        client.put_function_concurrency(FunctionName=name, **{_RESERVED: int(wanted)})
    elif model.pop(_RESERVED, None) is not None:
        client.delete_function_concurrency(FunctionName=name)


def _limit(request: ResourceRequest, model: Model) -> None:
    # SAM says of which account for every bucket that calls a function.
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


def _publish(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Publish a version; of what is not changed LocalStack takes the last one.

    https://github.com/serverless/serverless/issues/8392
    """
    if request.custom_context:  # published, and waited for
        return provider.create(request)
    client = request.aws_client_factory.lambda_
    pages = client.get_paginator("list_versions_by_function").paginate(
        FunctionName=request.desired_state["FunctionName"]
    )
    there = {one["Version"] for page in pages for one in page["Versions"]}
    event = provider.create(request)
    if (made := event.resource_model["Version"]) in there:
        said = f"A version for this Lambda function exists ( {made} )."
        raise ValueError(f"{said} Modify the function to create a new version.")
    return event


def _update_alias(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    wanted = request.desired_state
    request.aws_client_factory.lambda_.update_alias(
        FunctionName=wanted["FunctionName"],
        Name=wanted["Name"],
        **{name: wanted[name] for name in _UPDATABLE if name in wanted},
    )
    return done(wanted, Id=request.previous_state["Id"])


def _update_url(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    # LocalStack has none: what the template closes would stay open.
    before, model = request.previous_state, request.desired_state
    names = ("Qualifier", "AuthType", "Cors", "InvokeMode")
    request.aws_client_factory.lambda_.update_function_url_config(
        FunctionName=model["TargetFunctionArn"],
        **{name: model[name] for name in names if name in model},
    )
    return done(
        model, FunctionArn=before["FunctionArn"], FunctionUrl=before["FunctionUrl"]
    )


ACTS: Mapping[str, Mapping[str, Act]] = {
    "AWS::Lambda::Alias": {"update": _update_alias},
    "AWS::Lambda::Function": around("create", "update", finish=_reserve),
    "AWS::Lambda::Permission": around("create", "update", finish=_limit),
    "AWS::Lambda::Version": {"create": _publish},
    "AWS::Lambda::Url": {"update": _update_url},
}
