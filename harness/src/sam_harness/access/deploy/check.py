"""Whether the roles that deploy may do what deploying a template needs.

What is denied on purpose stands in a YAML file: see the command's help.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sam_harness.access import policies
from sam_harness.access.deploy import needs
from sam_harness.access.deploy.deployers import Deployers
from sam_harness.access.deploy.needs import Need
from sam_harness.access.policies import Attached, Readings
from sam_harness.access.stack import Placed, Stack, branches
from sam_harness.errors import HarnessError, UsageError
from sam_harness.iam.evaluate import Match, evaluate
from sam_harness.iam.policy import MalformedPolicy
from sam_harness.iam.request import Request
from sam_harness.template.document import Document, load, read
from sam_harness.template.names import ANYWHERE
from sam_harness.template.values import Parameters, value_at

# As CloudFormation ends the names that it makes up.
_SUFFIX = "-1A2B3C4D5E6F"
_EXCEPTION = ("action", "reason", "resource")
_INLINE = (("Properties", "InlineCode"), ("Properties", "Code", "ZipFile"))


class Exceptions:
    """The exceptions of a file, and which of them were of use."""

    def __init__(self, listed: list[Mapping[str, str]]) -> None:
        self._listed = listed
        self._used: set[int] = set()

    def cover(self, action: str, logical_id: str, kind: str) -> bool:
        """Tell whether an exception is about this action for this resource."""
        for index, one in enumerate(self._listed):
            if one["resource"] in {logical_id, kind} and fnmatchcase(
                action, one["action"]
            ):
                self._used.add(index)
                return True
        return False

    def unused(self) -> list[str]:
        """Return those that covered nothing: what they were for is gone."""
        return [
            f"{one['action']} for {one['resource']}"
            for index, one in enumerate(self._listed)
            if index not in self._used
        ]


def load_exceptions(path: Path | None) -> Exceptions:
    """Read a file of exceptions; without one there are none.

    Raises:
        UsageError: there is no such file, or an entry has not exactly the three texts.
    """
    if path is None:
        return Exceptions([])
    listed: Any = read(path) if path.stat().st_size else []
    if not isinstance(listed, list):
        raise UsageError(f"{path}: not a list of exceptions")
    for number, one in enumerate(listed, 1):
        texts = isinstance(one, dict) and all(
            isinstance(v, str) and v for v in one.values()
        )
        if not texts or set(one) != set(_EXCEPTION):
            raise UsageError(
                f"{path}: exception {number} has not exactly {', '.join(_EXCEPTION)}"
            )
    return Exceptions(listed)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has to be allowed; ``reason``: to do what with ``resource``."""

    role: str
    action: str
    arn: str
    resource: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a call is allowed, and ``why`` not; ``about``: the resource.

    ``by``: the statements of policies that allow it.
    """

    call: Call
    about: Placed
    is_allowed: bool
    why: str
    by: tuple[Match, ...] = ()


@dataclass(slots=True)
class Checked:
    """All calls of all branches, by what becomes of them.

    ``denied``: why, and the parameters that it takes. ``only_by``: action and statement
    where no other statement allows a call; without the one the other is denied.
    """

    denied: dict[Call, tuple[str, str]] = field(default_factory=dict)
    allowed: set[Call] = field(default_factory=set)
    only_by: set[tuple[str, Match]] = field(default_factory=set)
    excepted: set[Call] = field(default_factory=set)

    def lines(self) -> list[str]:
        """Return what is denied, one line for what is about one ARN."""
        merged: dict[tuple[str, str], dict[str, list[str]]] = {}
        for call, (why, varied) in self.denied.items():
            said = f"{call.role}: {call.action} on {call.arn}: {why}"
            reasons = merged.setdefault((said, varied), {})
            reasons.setdefault(call.resource, []).append(call.reason)
        lines = []
        for (said, varied), reasons in merged.items():
            each = [f"{', '.join(why)} {what}" for what, why in reasons.items()]
            suffix = f", with {varied}" if varied else ""
            lines.append(f"{said} (to {'; '.join(each)}){suffix}")
        return sorted(lines)


def check(
    template: Path,
    stack_name: str,
    given: Mapping[str, str],
    deployers: Deployers,
    excepted: Exceptions,
) -> Checked:
    """Ask on every branch of a template; ``given`` parameters are never varied.

    Raises:
        HarnessError: it is no template, or a policy's document is not known.
    """
    checked = Checked()
    for varied, stack in _stacks(load(template), stack_name, given, deployers):
        suffix = ", ".join(f"{name}={value}" for name, value in varied.items())
        try:
            answers = list(_asked(stack, deployers))
        except MalformedPolicy as error:
            told = f"with {suffix}: {error}" if suffix else str(error)
            raise HarnessError(
                f"{told}; --parameter gives a value that fits"
            ) from error
        for one in answers:
            action, about = one.call.action, one.about
            if one.is_allowed:
                checked.allowed.add(one.call)
                if len(one.by) == 1:
                    checked.only_by.add((action, one.by[0]))
            elif excepted.cover(action, about.logical_id, about.kind):
                checked.excepted.add(one.call)
            else:
                checked.denied.setdefault(one.call, (one.why, suffix))
    return checked


def _stacks(
    source: Document, name: str, given: Mapping[str, str], deployers: Deployers
) -> Iterator[tuple[Parameters, Stack]]:
    """Yield the stack of each branch, with the parameters that lead to it."""
    declared = source.get("Parameters") or {}
    # As the pipeline does: what the roles' template puts out is handed on by its name.
    handed_on = {k: v for k, v in deployers.outputs.items() if k in declared}
    told = handed_on | dict(given)
    place = replace(ANYWHERE, stack_name=name, suffix=_SUFFIX)
    uris = _uploaded(source, deployers.bucket)
    for parameters, stack in branches(source, told, place, code_uris=uris):
        yield {k: v for k, v in parameters.items() if k not in told}, stack


def _uploaded(source: Document, bucket: str | None) -> dict[str, str]:
    """Return where the code of each function will be: in the roles' own bucket."""
    kinds = {"AWS::Serverless::Function", "AWS::Lambda::Function"}
    if bucket is None:
        return {}
    return {
        logical_id: f"s3://{bucket}/artefact"
        for logical_id, resource in source["Resources"].items()
        if resource.get("Type") in kinds
        and not any(value_at(resource, path) for path in _INLINE)
    }


def _asked(stack: Stack, deployers: Deployers) -> Iterator[Answer]:
    """Yield each call of a branch with what IAM would say."""
    for resource in stack.resources.values():
        for need in needs.needs_of(resource, stack):
            yield _decided(need, deployers.execution, deployers.readings)
    known = {**deployers.policies}
    for logical_id, attached in policies.of_roles(stack, known).items():
        role, readings = stack.resources[logical_id], policies.read(attached)
        for need in needs.shifting(role, stack):
            yield _decided(need, role, readings)
        yield from _within_boundary(role, attached, readings)


def _decided(need: Need, role: Placed, readings: Readings) -> Answer:
    request = Request.of(role.arn, need.action, need.arn, dict(need.context))
    decision = evaluate(readings.written, request)
    denied_by = decision.denied_by.value if decision.denied_by else ""
    why = f"the {denied_by} has no Allow"
    if decision.is_explicit:
        why = f"the {denied_by} denies it"
    resource = need.resource
    call = Call(
        role.logical_id, need.action, need.arn, resource.logical_id, need.handler
    )
    return Answer(call, resource, decision.is_allowed, why, decision.matches)


def _within_boundary(
    role: Placed, attached: Attached, readings: Readings
) -> Iterator[Answer]:
    """Yield what the role's policies allow: beyond the boundary it is for nothing."""
    if not attached.boundary:
        return
    for action, arn in policies.granted(attached):
        decision = evaluate(readings.possible, Request.of(role.arn, action, arn))
        why = "its policies allow it, its permissions boundary does not"
        call = Call(role.logical_id, action, arn, role.logical_id, "be of use to")
        yield Answer(call, role, decision.is_allowed, why)
