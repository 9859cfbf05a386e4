"""Puts the checks into the operations of LocalStack's CloudFormation."""

import threading
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NoReturn

from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.aws.api.cloudformation import InsufficientCapabilitiesException
from localstack.http import Response
from localstack.services.cloudformation.engine import template_preparer
from localstack.services.cloudformation.engine.v2.change_set_model_executor import (
    ChangeSetModelExecutor,
)
from localstack.services.cloudformation.engine.validations import ValidationError
from localstack.services.cloudformation.models import get_cloudformation_store
from localstack.services.cloudformation.resource_provider import (
    ResourceProviderExecutor,
)

from sam_harness.localstack.stacks import form, grants, others, parameters, watching
from sam_harness.localstack.stacks.proof import PROOF, refusal
from sam_harness.localstack.stacks.template import circle, evaluable, with_defaults

_now = threading.local()
_SUBMITTING = {"CreateStack", "UpdateStack", "CreateChangeSet"}
_DELETING = "DELETE_IN_PROGRESS"
_ATTRIBUTES = ("CreationPolicy", "UpdatePolicy")


class _Submitted(dict[str, Any]):
    """A template with the capabilities that it was submitted with."""

    granted: Collection[str] = ()


class FailedOperation(SystemExit):
    """Ends the thread of an operation that failed.

    What follows in it calls each operation complete.
    """


def install() -> None:
    """Check each template and its parameters, and each resource that is made."""
    others.install()
    template_preparer.parse_template = _parsing(template_preparer.parse_template)
    ChangeSetModelExecutor.process = _processing(ChangeSetModelExecutor.process)
    handlers.serve_custom_service_request_handlers.append(watching.listen)
    handlers.serve_custom_service_request_handlers.append(_note_parameters)
    handlers.serve_custom_service_request_handlers.append(others.look)


def _parsing(original: Any) -> Any:  # noqa: ANN401 - LocalStack is untyped
    def parse_template(template: str) -> dict[str, Any]:
        asked, _now.asked = getattr(_now, "asked", None), None
        parsed: Any = original(template)
        if not isinstance(parsed, dict):
            raise ValidationError("Template format error: not an object")
        try:
            return _checked(parsed, asked)
        except ValueError as error:
            raise ValidationError(f"Template error: {error}") from None

    return parse_template


def _checked(
    template: dict[str, Any], asked: list[dict[str, Any]] | None
) -> dict[str, Any]:
    if said := _circular(template.get("Resources") or {}):
        raise ValidationError(said)
    checked = _Submitted()
    if asked is not None:  # else it may be what another includes
        if wrong := "; ".join(form.problems(template)):
            raise ValidationError(f"Template format error: {wrong}")
        # What keeps its value has one that was checked.
        kept = {one["ParameterKey"] for one in asked if one.get("UsePreviousValue")}
        given = {
            one["ParameterKey"]: one.get("ParameterValue", "")
            for one in asked
            if one["ParameterKey"] not in kept
        }
        if problems := list(parameters.problems(template, given, kept)):
            raise ValidationError("; ".join(problems))
        if said := form.lacking(template.get("Resources") or {}, _now.granted):
            raise InsufficientCapabilitiesException(said)
        checked.granted = _now.granted
    checked |= evaluable(with_defaults(template))
    return checked


def _circular(resources: Mapping[str, Any]) -> str:
    """Say which resources wait for each other; empty where none do."""
    waiting = ", ".join(circle(resources))
    return waiting and f"Circular dependency between resources: [{waiting}]"


def _note_parameters(
    _chain: object, context: RequestContext, _response: Response
) -> None:
    """Leave a request's parameters to what reads its template, in the same thread.

    A nested stack has the capabilities of the one that makes it, which LocalStack's
    have all. What it asks for besides, and has no effect here, is noted.
    """
    # Meanwhile a template is fetched from S3, by a request in the same thread.
    if context.service and context.service.service_name == "cloudformation":
        submits = context.operation and context.operation.name in _SUBMITTING
        request = context.service_request or {}
        _now.asked = (request.get("Parameters") or []) if submits else None
        if submits:
            granted = getattr(_now, "within", request.get("Capabilities") or ())
            _now.granted = request["Capabilities"] = granted
        for name in {*request} if submits else ():
            if request[name]:
                PROOF.note(context.account_id, f"AWS::CloudFormation::Stack.{name}")


def _processing(original: Any) -> Any:  # noqa: ANN401 - LocalStack is untyped
    def process(self: ChangeSetModelExecutor) -> None:
        change_set = self._change_set
        stack = change_set.stack
        if stack.status == _DELETING:
            for said in others.problems(self):
                end(stack, "DELETE_FAILED", said)
            original(self)
            return
        updates = stack.status.startswith("UPDATE")
        resources = (change_set.processed_template or {}).get("Resources") or {}
        _now.within = getattr(change_set.template, "granted", ())
        # Again: by now SAM has made resources, too.
        said = _circular(resources) or form.lacking(resources, _now.within)
        reasons = [("", "", said)] if said else []
        reasons += _refused(stack.stack_id, resources)
        before = stack.resolved_resources
        if not reasons:
            try:
                original(self)
                reasons += grants.missing(stack, self.resources, before)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                said = getattr(error, "reason", None) or str(error) or repr(error)
                reasons = [("", "", said)]
            for logical_id, made in self.resources.items():
                _note_pretended(stack.stack_id, logical_id, made["Type"])
            reasons += form.unresolved(resources, self.resources)
            reasons = reasons or _unproven(stack.stack_id, resources)
            told = form.no_texts(self.outputs, change_set.processed_template)
            reasons += [("", "", said) for said in (*others.problems(self), *told)]
        if reasons:
            _fail(self, reasons, updates=updates)
        stack.imports = getattr(self, "imports", ())
        _remember(change_set)

    return process


def _remember(change_set: Any) -> None:  # noqa: ANN401 - LocalStack is untyped
    """Leave what was evaluated to the next operation, which cannot evaluate it again.

    Of a list parameter LocalStack knows then the text only, and after UpdateStack it
    deletes what the template before had.
    """
    stack = change_set.stack
    stack.processed_template = change_set.processed_template
    kept = get_cloudformation_store(stack.account_id, stack.region_name).change_sets
    if stack.change_set_id not in stack.change_set_ids:
        kept.pop(stack.change_set_id, None)
    stack.change_set_id = change_set.change_set_id
    kept[change_set.change_set_id] = change_set


def _refused(
    stack: str, resources: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """Yield each resource that can only be pretended, whatever the conditions say."""
    for logical_id, resource in resources.items():
        kind = str(resource.get("Type"))
        for name in filter(resource.get, _ATTRIBUTES):
            PROOF.note(stack.split(":")[4], f"AWS::CloudFormation::Stack.{name}")
        if "Condition" not in resource:
            if reason := refusal(kind):
                yield logical_id, kind, reason
            _note_pretended(stack, logical_id, kind)
    pretended = {name for name, one in resources.items() if not _provider(one["Type"])}
    yield from _unproven(stack, pretended)


def _unproven(stack: str, there: Collection[str]) -> list[tuple[str, str, str]]:
    # What an update removes is still known: it is deleted at its end.
    return [one for one in PROOF.unproven(stack) if one[0] in there]


def _provider(kind: str) -> Any:  # noqa: ANN401 - LocalStack is untyped
    return ResourceProviderExecutor.try_load_resource_provider(kind)


def _note_pretended(stack: str, logical_id: str, kind: str) -> None:
    if not _provider(kind):
        PROOF.made(stack, logical_id, kind, {""}, set())


def _fail(
    executor: ChangeSetModelExecutor,
    reasons: list[tuple[str, str, str]],
    *,
    updates: bool,
) -> NoReturn:
    """End an operation with its reasons."""
    change_set = executor._change_set  # noqa: SLF001 - no other way in
    stack = change_set.stack
    for logical_id, kind, reason in reasons:
        if logical_id:
            stack.set_resource_status(
                logical_resource_id=logical_id,
                physical_resource_id=None,
                resource_type=kind,
                status="UPDATE_FAILED" if updates else "CREATE_FAILED",
                resource_status_reason=reason,
            )
    # So that the resources can be deleted, and the next update knows what there is.
    made = {
        logical_id: one
        for logical_id, one in executor.resources.items()
        if one.get("PhysicalResourceId")
    }
    stack.resolved_resources = {**stack.resolved_resources, **made}
    stack.template = change_set.template
    stack.template_body = change_set.template_body
    # Without what was never made: it cannot be deleted.
    there = {
        logical_id: resource
        for logical_id, resource in change_set.processed_template["Resources"].items()
        if logical_id in stack.resolved_resources
    }
    stack.processed_template = {**change_set.processed_template, "Resources": there}
    stack.processed_template.pop("Outputs", None)
    stack.resolved_parameters = change_set.resolved_parameters
    change_set.set_execution_status("EXECUTE_FAILED")
    named = [logical_id for logical_id, *_ in reasons if logical_id]
    failed = ", ".join(dict.fromkeys(named))
    said = f"The following resources failed: [{failed}]" if failed else reasons[0][2]
    # As on AWS with rollback disabled: what was made stays.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
    end(stack, "UPDATE_FAILED" if updates else "CREATE_FAILED", said)


def end(stack: Any, status: str, reason: str) -> NoReturn:  # noqa: ANN401 - LocalStack is untyped
    """End an operation that failed.

    The reason is set first, LocalStack's way is last: who waits reads both.
    """
    stack.status_reason = reason
    stack.set_stack_status(status, reason)
    raise FailedOperation
