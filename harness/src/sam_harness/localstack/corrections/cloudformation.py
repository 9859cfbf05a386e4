"""Where LocalStack's CloudFormation differs from AWS's."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from localstack.services.cloudformation.engine.v2.change_set_model import is_nothing
from localstack.services.cloudformation.engine.v2.change_set_model_executor import (
    ChangeSetModelExecutor,
)
from localstack.services.cloudformation.engine.v2.change_set_model_preproc import (
    PreprocResource,
)
from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceProviderExecutor,
    ResourceRequest,
)
from localstack.services.lambda_.resource_providers.aws_lambda_version import (
    LambdaVersionProvider,
)
from localstack.utils import archives, testutil

from sam_harness.localstack.corrections import cloudformation_resources as resources
from sam_harness.localstack.corrections import (
    cloudformation_role,
    events_resources,
    iam_resources,
    lambda_resources,
    stepfunctions_resources,
)
from sam_harness.localstack.corrections.apigateway import resources as apigateway
from sam_harness.localstack.stacks import install as stacks
from sam_harness.localstack.stacks.watching import watch

POLL_S = 0.05
# Where the call that makes one overwrites it. LocalStack knows no update of these.
_OVERWRITTEN = {
    "AWS::ApiGateway::GatewayResponse",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Logs::SubscriptionFilter",
    "AWS::S3::BucketPolicy",
}


def install() -> None:
    """Correct LocalStack's CloudFormation."""
    _deploy_resources()
    stacks.install()
    _replace_only_what_changes()
    _keep_what_is_there()
    # A version cannot be changed: with another description it is another version.
    LambdaVersionProvider.SCHEMA["createOnlyProperties"] = [
        f"/properties/{name}" for name in ("CodeSha256", "Description", "FunctionName")
    ]
    cloudformation_role.install()
    # Inline code is zipped by a program that Debian does not come with.
    testutil.create_zip_file_cli = _zip


def _deploy_resources() -> None:
    # LocalStack looks at a resource that is not ready yet once a second.
    def deploy_loop(
        self: ResourceProviderExecutor,
        provider: ResourceProvider,
        resource: dict[str, Any],
        payload: dict[str, Any],
    ) -> ProgressEvent:
        own = resources.corrected(provider, _ACTS.get(payload["resourceType"], {}))
        return watch(original, self, own, resource, payload, sleep_time=POLL_S)

    original = ResourceProviderExecutor.deploy_loop
    ResourceProviderExecutor.deploy_loop = deploy_loop


def _overwrite(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Update a resource by its creation, under the name that it has."""
    before, schema = request.previous_state, provider.SCHEMA
    for name in _properties(schema, "createOnlyProperties"):
        if name in before:
            request.desired_state.setdefault(name, before[name])
    event = provider.create(request)
    for name in _properties(schema, "readOnlyProperties"):
        if name in before:
            event.resource_model[name] = before[name]
    return event


def _move_policy(provider: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    """Set a policy of topics, and take it from those that it is of no more."""
    event = _overwrite(provider, request)
    before = {**request.previous_state}
    gone = {*before["Topics"]} - {*request.desired_state["Topics"]}
    of_those = copy(request)
    of_those.desired_state = {**before, "Topics": sorted(gone)}
    provider.delete(of_those)
    return event


def _properties(schema: dict[str, list[str]], which: str) -> list[str]:
    return [path.removeprefix("/properties/") for path in schema.get(which, [])]


def _replace_only_what_changes() -> None:
    # To LocalStack a reference to an updated resource is a changed value, so that with
    # its function's code an alias is replaced: created, which fails, then deleted.
    def execute(
        self: ChangeSetModelExecutor,
        name: str,
        before: PreprocResource,
        after: PreprocResource,
    ) -> None:
        if _is_in_place(before, after):
            after.requires_replacement = False
        original(self, name=name, before=before, after=after)

    original = ChangeSetModelExecutor._execute_resource_change  # noqa: SLF001 - no other way in
    ChangeSetModelExecutor._execute_resource_change = execute  # noqa: SLF001 - no other way in


def _keep_what_is_there() -> None:
    # LocalStack forgets a replaced resource with the one it replaces, and a stack with
    # what it could not delete.
    def process(
        self: ChangeSetModelExecutor, *, logical_resource_id: str, **rest: object
    ) -> None:
        stack = self._change_set.stack
        states, deleting = stack.resource_states, stack.status == "DELETE_IN_PROGRESS"
        held, reason = states.get(logical_resource_id), stack.status_reason
        said = f"The following resource(s) failed to delete: [{logical_resource_id}]."
        # Before the status, as `end` has it.
        if deleting:
            stack.status_reason = said
        elif rest.get("event_status") == OperationStatus.FAILED:
            stack.status_reason = rest.get("reason")
        original(self, logical_resource_id=logical_resource_id, **rest)
        if deleting and stack.status == "DELETE_FAILED":
            stacks.end(stack, stack.status, said)
        if deleting:
            stack.status_reason = reason
        made = self.resources.get(logical_resource_id) or {}
        # What is merely removed has no status any more.
        if held and made.get("ResourceStatus") and logical_resource_id not in states:
            states[logical_resource_id] = {**held, "ResourceStatus": "UPDATE_COMPLETE"}

    original = ChangeSetModelExecutor._process_event  # noqa: SLF001 - no other way in
    ChangeSetModelExecutor._process_event = process  # noqa: SLF001 - no other way in


def _is_in_place(before: PreprocResource, after: PreprocResource) -> bool:
    """Whether no property that only a replacement can change has changed its value."""
    if is_nothing(before) or is_nothing(after):
        return False
    if before.resource_type != after.resource_type:
        return False
    provider = ResourceProviderExecutor.try_load_resource_provider(after.resource_type)
    names = _properties(provider.SCHEMA, "createOnlyProperties") if provider else []
    was, will_be = (
        {} if is_nothing(one.properties) else one.properties.properties
        for one in (before, after)
    )
    return all(was.get(name) == will_be.get(name) for name in names)


def _zip(source_path: str, base_dir: str, zip_file: str) -> None:  # noqa: ARG001 - as it is called
    archives.create_zip_file_python(base_dir=base_dir, zip_file=zip_file)


_ACTS: Mapping[str, Mapping[str, resources.Act]] = {
    **apigateway.ACTS,
    **events_resources.ACTS,
    **iam_resources.ACTS,
    **lambda_resources.ACTS,
    **resources.ACTS,
    **stepfunctions_resources.ACTS,
    **{kind: {"update": _overwrite} for kind in _OVERWRITTEN},
    "AWS::SNS::TopicPolicy": {"update": _move_policy},
}
