"""CloudFormation's functions, rules, state machines, buckets and nested stacks.

What LocalStack drops of them, cannot read, or cannot change.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import copy
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)
from localstack.utils.objects import keys_to_lower

from sam_harness.iam.request import text

type Model = dict[str, Any]
# Makes, changes or deletes a resource, with LocalStack's provider or without.
type Act = Callable[[ResourceProvider, ResourceRequest], ProgressEvent]

_ACCOUNT = "SourceAccount"
_UPDATABLE = ("FunctionVersion", "Description", "RoutingConfig")
_RESERVED = "ReservedConcurrentExecutions"
# How the status of a stack ends, and what that is of the resource that it is.
_OUTCOMES = {
    "COMPLETE": OperationStatus.SUCCESS,
    "FAILED": OperationStatus.FAILED,
    "PROGRESS": OperationStatus.IN_PROGRESS,
}


def corrected(provider: ResourceProvider, acts: Mapping[str, Act]) -> ResourceProvider:
    """Return a provider that acts otherwise than LocalStack's, by an act's name."""
    own = copy(provider)
    for name, act in acts.items():
        setattr(own, name, partial(act, provider))
    own.update = partial(_failing, own.update)
    return own


def _failing(
    update: Callable[[ResourceRequest], ProgressEvent], request: ResourceRequest
) -> ProgressEvent:
    """Have an update fail that raises: what is not found LocalStack takes for done."""
    try:
        return update(request)
    except NotImplementedError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return ProgressEvent(
            status=OperationStatus.FAILED, resource_model={}, message=str(error)
        )


def done(model: Model, **made: object) -> ProgressEvent:
    """Return that a resource is there; ``made``: what it has besides its model."""
    return ProgressEvent(
        status=OperationStatus.SUCCESS, resource_model={**model, **made}
    )


def tags_of(model: Model) -> dict[str, str]:
    """Return a resource's tags by their keys."""
    return {one["Key"]: one["Value"] for one in model.get("Tags") or ()}


def around(
    *names: str,
    prepare: Callable[[ResourceRequest], None] = lambda _: None,
    finish: Callable[[ResourceRequest, Model], None] = lambda *_: None,
) -> dict[str, Act]:
    """Return acts of LocalStack's with what it leaves out.

    ``prepare`` changes a request, ``finish`` is told the resource's model, too, once
    the resource is there.
    """

    def acting(name: str) -> Act:
        def act(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
            prepare(request)
            event = getattr(provider, name)(request)
            if event.status == OperationStatus.SUCCESS:
                finish(request, event.resource_model)
            return event

        return act

    return {name: acting(name) for name in names}


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


def _update_nested(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Update a nested stack, and wait until it has been: called again meanwhile."""
    before, context = request.previous_state, request.custom_context
    made = {name: before[name] for name in ("Id", "StackName")}
    model = {**request.desired_state, **made}
    cloudformation = request.aws_client_factory.cloudformation
    if not context.get("asked"):
        parameters = model.get("Parameters", {}).items()
        told = [{"ParameterKey": k, "ParameterValue": text(v)} for k, v in parameters]
        try:
            cloudformation.update_stack(
                StackName=made["StackName"],
                TemplateURL=model["TemplateURL"],
                Parameters=told,
                Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            )
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
    [stack] = cloudformation.describe_stacks(StackName=made["Id"])["Stacks"]
    status = _OUTCOMES[stack["StackStatus"].rpartition("_")[2]]
    if status == OperationStatus.SUCCESS and not context.get("done"):
        # Its outputs follow a moment after its status.
        context["done"], status = True, OperationStatus.IN_PROGRESS
    outputs = stack.get("Outputs", ())
    model["Outputs"] = {one["OutputKey"]: one["OutputValue"] for one in outputs}
    return ProgressEvent(
        status=status,
        resource_model=model,
        custom_context={**context, "asked": True},
    )


def _keep_name(request: ResourceRequest) -> None:
    # LocalStack replaces a topic whose name the template does not say.
    request.desired_state.setdefault("TopicName", request.previous_state["TopicName"])


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


def _put_rule(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Make a rule, or change the one of this name.

    LocalStack mends a pattern that AWS refuses, and spoils one with matchers that it
    does not know; it can change no rule, and deletes it from the default bus.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """
    model = request.desired_state
    if isinstance(pattern := model.get("EventPattern"), dict):
        # As a text it is handed on as it is; see `refusals`.
        model["EventPattern"] = json.dumps(pattern)
    return provider.create(request)


def _update_rule(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    before, model = request.previous_state, request.desired_state
    bus, name = _named(before)
    model["Name"] = name
    event = _put_rule(provider, request)
    kept = {one["Id"] for one in model.get("Targets") or ()}
    gone = {one["Id"] for one in before.get("Targets") or ()} - kept
    if gone:
        request.aws_client_factory.events.remove_targets(
            Rule=name, EventBusName=bus, Ids=sorted(gone)
        )
    return event


def _delete_rule(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    model, events = request.desired_state, request.aws_client_factory.events
    bus, name = _named(model)
    there = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    if there:
        events.remove_targets(
            Rule=name, EventBusName=bus, Ids=[one["Id"] for one in there]
        )
    events.delete_rule(Name=name, EventBusName=bus)
    return done(model)


def _named(model: Model) -> tuple[str, str]:
    """Return a rule's bus and its name, which are its id."""
    bus, _, name = str(model["Id"]).rpartition("|")
    return bus or "default", name


def _rewrite(request: ResourceRequest) -> None:
    # What LocalStack can hand on, or put into a text: it may be a number or a boolean.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
    model = request.desired_state
    if logging := model.get("LoggingConfiguration"):
        model["LoggingConfiguration"] = keys_to_lower(logging)
    substitutions = model.get("DefinitionSubstitutions") or {}
    for name, value in list(substitutions.items()):
        substitutions[name] = text(value)


def _tag(request: ResourceRequest, model: Model) -> None:
    # SAM gives every state machine one.
    client = request.aws_client_factory.stepfunctions
    before, wanted = tags_of(request.previous_state or {}), tags_of(model)
    if gone := sorted(before.keys() - wanted.keys()):
        client.untag_resource(resourceArn=model["Arn"], tagKeys=gone)
    if wanted != before:
        tags = [{"key": key, "value": value} for key, value in wanted.items()]
        client.tag_resource(resourceArn=model["Arn"], tags=tags)


def _delete_bucket(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    # LocalStack empties it first; it is deleted if it is empty.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html
    s3, model = request.aws_client_factory.s3, request.desired_state
    with suppress(s3.exceptions.NoSuchBucket):
        s3.delete_bucket(Bucket=model["BucketName"])
    return done(model)


def _permit(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Add a statement to a bus's policy, which LocalStack sets instead of the others.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html
    """
    model, events = request.desired_state, request.aws_client_factory.events
    bus = model.setdefault("EventBusName", "default")
    before = events.describe_event_bus(Name=bus).get("Policy") or "{}"
    event = provider.create(request)
    added = json.loads(events.describe_event_bus(Name=bus)["Policy"])
    own = {one.get("Sid") for one in added["Statement"]}
    others = json.loads(before).get("Statement", ())
    added["Statement"] += [one for one in others if one.get("Sid") not in own]
    events.put_permission(EventBusName=bus, Policy=json.dumps(added))
    return event


ACTS: Mapping[str, Mapping[str, Act]] = {
    "AWS::CloudFormation::Stack": {"update": _update_nested},
    "AWS::Events::EventBusPolicy": {"create": _permit},
    "AWS::Events::Rule": {
        "create": _put_rule,
        "update": _update_rule,
        "delete": _delete_rule,
    },
    "AWS::Lambda::Alias": {"update": _update_alias},
    "AWS::Lambda::Function": around("create", "update", finish=_reserve),
    "AWS::Lambda::Permission": around("create", "update", finish=_limit),
    "AWS::Lambda::Version": {"create": _publish},
    "AWS::Lambda::Url": {"update": _update_url},
    "AWS::S3::Bucket": {"delete": _delete_bucket},
    "AWS::SNS::Topic": around("update", prepare=_keep_name),
    "AWS::StepFunctions::StateMachine": around(
        "create", "update", prepare=_rewrite, finish=_tag
    ),
}
