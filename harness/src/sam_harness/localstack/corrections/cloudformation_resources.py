"""How CloudFormation's resources are corrected, and some of them.

What LocalStack drops of topics, buckets and nested stacks, cannot read, or cannot
change; of others see `functions`, `machines`, `roles`, `rules` and `apigateway`.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import copy
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from localstack.services.cloudformation.provider_utils import generate_default_name
from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

from sam_harness.iam.request import text

type Model = dict[str, Any]
# Makes, changes or deletes a resource, with LocalStack's provider or without.
type Act = Callable[[ResourceProvider, ResourceRequest], ProgressEvent]

# How the status of a stack ends, and what that is of the resource that it is.
_OUTCOMES = {
    "COMPLETE": OperationStatus.SUCCESS,
    "FAILED": OperationStatus.FAILED,
    "PROGRESS": OperationStatus.IN_PROGRESS,
}
# Values of AccessControl that let in the owner only, and those that let in everybody.
_OWNERS = {"Private", "BucketOwnerRead", "BucketOwnerFullControl"}
_PUBLIC = {"PublicRead", "PublicReadWrite", "AuthenticatedRead"}


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
        status=status, resource_model=model, custom_context={**context, "asked": True}
    )


def _name_topic(request: ResourceRequest) -> None:
    # LocalStack's name is another with each update, and says nothing of the stack.
    model, made = request.desired_state, request.previous_state or {}
    name = generate_default_name(request.stack_name, request.logical_resource_id)
    suffix = ".fifo" if model.get("FifoTopic") else ""
    model.setdefault("TopicName", made.get("TopicName", f"{name}{suffix}"))


def _check_bucket(request: ResourceRequest) -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    model = request.desired_state
    # LocalStack asks for PublicRead where nothing is said, which takes a permission.
    acl = model.setdefault("AccessControl", "Private")
    if not model.get("OwnershipControls") and acl not in _OWNERS:
        raise ValueError(
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced "
            f"setting (AccessControl {acl} needs OwnershipControls)"
        )
    blocked = model.get("PublicAccessBlockConfiguration", {"BlockPublicAcls": True})
    if acl in _PUBLIC and blocked.get("BlockPublicAcls"):
        raise ValueError(
            f"AccessControl {acl} is blocked by the BlockPublicAcls block public access"
            " setting, which every bucket has without PublicAccessBlockConfiguration"
        )


def _close(request: ResourceRequest, model: Model) -> None:
    # What LocalStack leaves out; what is not said of public access is false then.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-publicaccessblockconfiguration.html
    s3 = request.aws_client_factory.s3
    name = (request.previous_state or model)["BucketName"]
    if (blocked := model.get("PublicAccessBlockConfiguration")) is not None:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=blocked)
    if owned := model.get("OwnershipControls"):
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=owned)


def _update_bucket(
    provider: ResourceProvider, request: ResourceRequest
) -> ProgressEvent:
    _check_bucket(request)
    _close(request, request.desired_state)
    return provider.update(request)


def _delete_bucket(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    # LocalStack empties it first; it is deleted if it is empty.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html
    s3, model = request.aws_client_factory.s3, request.desired_state
    with suppress(s3.exceptions.NoSuchBucket):
        s3.delete_bucket(Bucket=model["BucketName"])
    return done(model)


ACTS: Mapping[str, Mapping[str, Act]] = {
    "AWS::CloudFormation::Stack": {"update": _update_nested},
    "AWS::S3::Bucket": {
        "update": _update_bucket,
        "delete": _delete_bucket,
        **around("create", prepare=_check_bucket, finish=_close),
    },
    "AWS::SNS::Topic": around("create", "update", prepare=_name_topic),
}
