"""What a stack may not do to the others: take an export away, or a name over.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localstack.aws.api import RequestContext
from localstack.http import Response
from localstack.services.cloudformation.engine.v2.change_set_model import is_nothing
from localstack.services.cloudformation.engine.v2.change_set_model_executor import (
    MOCKED_REFERENCE,
    ChangeSetModelExecutor,
)
from localstack.services.cloudformation.engine.validations import ValidationError
from localstack.services.cloudformation.models import get_cloudformation_store

from sam_harness.localstack.stacks.proof import PROOF, without

_DELETED = "DELETE_COMPLETE"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
# Where LocalStack gives a stack what is there by that name; of others it refuses that.
_NAMES = {
    "AWS::CloudWatch::Alarm": ("AlarmName",),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName",),
    "AWS::Events::Rule": ("EventBusName", "Name"),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::SQS::Queue": ("QueueName",),
}


def install() -> None:
    """Refuse an import of what no stack exports: LocalStack leaves its property out."""
    original = ChangeSetModelExecutor.visit_node_intrinsic_function_fn_import_value

    def visit(self: ChangeSetModelExecutor, node: Any) -> Any:  # noqa: ANN401 - LocalStack is untyped
        found = original(self, node)
        name = self.visit(node.arguments).after
        if isinstance(name, str):
            if is_nothing(found.after):
                raise ValueError(f"No export named {name} found.")
            self.imports = {*getattr(self, "imports", ()), name}
        return found

    ChangeSetModelExecutor.visit_node_intrinsic_function_fn_import_value = visit
    _refuse_unknown_attributes()


def _refuse_unknown_attributes() -> None:
    # LocalStack has `unknown` for what a resource has not, or has empty.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html
    original = ChangeSetModelExecutor._after_deployed_property_value_of  # noqa: SLF001 - no other way in

    def value_of(
        self: ChangeSetModelExecutor, resource_logical_id: str, property_name: str
    ) -> Any:  # noqa: ANN401 - JSON
        found = original(self, resource_logical_id, property_name)
        if found != MOCKED_REFERENCE:
            return found
        resource = self.resources[resource_logical_id]
        held = resource.get("Properties")
        for part in property_name.split("."):
            held = held.get(part) if isinstance(held, Mapping) else None
        about = resource["Type"], property_name
        if held is None and not PROOF.allows(resource_logical_id, *about):
            said = f"{resource_logical_id} has no attribute {property_name} here"
            raise ValueError(without(".".join(about), said))
        return found if held is None else held

    ChangeSetModelExecutor._after_deployed_property_value_of = value_of  # noqa: SLF001 - no other way in


def problems(executor: ChangeSetModelExecutor) -> Iterator[str]:
    """Say which of the exports that an operation leaves CloudFormation would not take.

    To be asked before a deletion, and after another operation.
    """
    stack = executor._change_set.stack  # noqa: SLF001 - no other way in
    others = [
        one for one in _stacks(stack.account_id, stack.region_name) if one is not stack
    ]
    made = {
        output["ExportName"]: output["OutputValue"]
        for output in executor.outputs
        if "ExportName" in output
    }
    for other in others:
        its = other.stack_name
        for name in made.keys() & other.resolved_exports.keys():
            yield f"Export with name {name} is already exported by stack {its}."
        for name in stack.resolved_exports.keys() & getattr(other, "imports", ()):
            if made.get(name) != stack.resolved_exports[name]:
                done = "updated" if name in made else "deleted"
                yield f"Export {name} cannot be {done} as it is in use by {its}"


def look(_chain: object, context: RequestContext, _response: Response) -> None:
    """Refuse a stack's name that is none, and the deletion of a protected stack."""
    if not (context.service and context.service.service_name == "cloudformation"):
        return
    name = (context.service_request or {}).get("StackName", "")
    operation = context.operation.name
    if operation == "CreateStack" and not _NAME.fullmatch(name):
        raise ValidationError(f"{name!r} is no stack's name: {_NAME.pattern}")
    if operation in {"DeleteStack", "UpdateTerminationProtection"}:
        for stack in _stacks(context.account_id, context.region):
            if name in {stack.stack_name, stack.stack_id}:
                _keep_protected(stack, operation)


def _keep_protected(stack: Any, operation: str) -> None:  # noqa: ANN401 - LocalStack is untyped
    # LocalStack forgets what CreateStack says of it.
    if stack.request_payload.pop("EnableTerminationProtection", False):
        stack.enable_termination_protection = True
    if operation == "DeleteStack" and stack.enable_termination_protection:
        raise ValidationError(
            f"Stack [{stack.stack_name}] cannot be deleted while"
            " TerminationProtection is enabled"
        )


def check_name(payload: Mapping[str, Any]) -> None:
    """Refuse what is to be made under a name that a resource of a stack has."""
    kind, asked = payload["resourceType"], payload["requestData"]["resourceProperties"]
    names = _NAMES.get(kind, ())
    if not names or names[-1] not in asked:
        return
    wanted = [asked.get(name) for name in names]
    for stack in _stacks(payload["awsAccountId"], payload["region"]):
        for one in stack.resolved_resources.values():
            held = one.get("Properties") or {}
            if one["Type"] == kind and [held.get(name) for name in names] == wanted:
                raise ValueError(
                    f"{wanted[-1]} already exists in stack {stack.stack_id}"
                )


def _stacks(account_id: str, region: str) -> list[Any]:
    store = get_cloudformation_store(account_id, region)
    return [one for one in store.stacks_v2.values() if one.status != _DELETED]
