"""The static layer: every action on everything, decided from the template alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sam_harness.access.matrix import Cell, Effect, Matrix
from sam_harness.access.policies import of_resources, of_roles, possible, read
from sam_harness.access.report import Evidence, Layer
from sam_harness.access.stack import Stack, branches
from sam_harness.access.targets import ANOTHER, Target, covers, find, targets
from sam_harness.errors import HarnessError
from sam_harness.iam import reference
from sam_harness.iam.elements import Actions
from sam_harness.iam.evaluate import Decision, Policies, evaluate
from sam_harness.iam.policy import Policy, PolicyKind, compile_policy
from sam_harness.iam.request import Principal, Request
from sam_harness.iam.service import Document
from sam_harness.iam.services import SERVICES
from sam_harness.template.document import load
from sam_harness.template.values import Parameters

# What every call to AWS has; a condition on anything else is not met.
_CONTEXT = {"aws:SecureTransport": "true"}
_SHOWN = 3  # resources that are named; of more there is the number


@dataclass(frozen=True, slots=True)
class Finding:
    """Where template and matrix differ."""

    role: str
    action: str
    resource: str
    problem: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.role}: {self.action} on {self.resource}: {self.problem}"


class StaticLayer:
    """One matrix against one stack; ``policies``: documents only named there, by ARN.

    What roles may do at the most is decided from what is possible: as if every
    condition were met that may be met.
    """

    def __init__(
        self,
        matrix: Matrix,
        stack: Stack,
        policies: Mapping[str, Document] | None = None,
    ) -> None:
        self._matrix = matrix
        self._stack = stack
        attached = of_roles(stack, policies or {}).items()
        self.roles = {name: read(one) for name, one in attached}
        self._principals = {
            name: Principal.parse(stack.resources[name].arn) for name in self.roles
        }
        self._targets = cache(lambda service: tuple(targets(stack, service)))
        self._written: dict[str, Policy] = {}
        self._possible: dict[str, Policy] = {}
        for arn, document in of_resources(stack).items():
            of = document, PolicyKind.RESOURCE, f"policy of {stack.name_of(arn)}"
            self._written[arn], self._possible[arn] = compile_policy(*of), possible(*of)

    def findings(self) -> list[Finding]:
        """Return every difference between the template and the matrix."""
        return [finding for role in self.roles for finding in self._look(role)]

    def decide(self, cell: Cell) -> Decision:
        """Decide a cell of the matrix, with every condition as written.

        Raises:
            HarnessError: the template has no such role or resource.
        """
        if cell.role not in self.roles:
            raise HarnessError(
                f"the matrix names {cell.role}, which the template has not"
            )
        target = find(self._stack, cell.resource)
        request = Request.of(
            self._principals[cell.role], cell.action, target.arn, _CONTEXT
        )
        return _decide(self.roles[cell.role].written, self._written, request)

    def _look(self, role: str) -> Iterator[Finding]:
        if role not in self._matrix.roles:
            problem = "the template has this role, the matrix has not"
            yield Finding(role, "*", "*", problem)
        yield from self._unlisted(role)
        for cell in self._matrix.cells:
            if cell.role == role and (wrong := self._problem(cell)):
                yield Finding(role, cell.action, cell.resource, wrong)

    def _problem(self, cell: Cell) -> str | None:
        """Say what is wrong with a cell that the matrix lists."""
        try:
            decision = self.decide(cell)
        except HarnessError as error:
            return str(error)
        if cell.effect is Effect.DENY or decision.is_allowed:
            return None  # a denied cell that is possible is among the unlisted
        why = decision.denied_by.value if decision.denied_by else "no policy"
        problem = f"the matrix allows it, the {why} does not"
        target = find(self._stack, cell.resource)
        if self._decide_possible(cell.role, cell.action, target).is_allowed:
            problem += " unless a condition is met"
        return problem

    def _unlisted(self, role: str) -> Iterator[Finding]:
        """Yield what is possible and not in the matrix, one finding per action."""
        cells = self._matrix.of(role, Effect.ALLOW)
        # What the policies name, in the template or not.
        arns = self.roles[role].instances
        named = [Target(self._stack.name_of(arn), arn) for arn in arns]
        for service in sorted(self._services(role)):
            everything = {*self._targets(service), *named}
            for action in self._mentioned(role, service):
                listed = [cell.resource for cell in cells if cell.action == action]
                decisions = {
                    target.name: self._decide_possible(role, action, target)
                    for target in everything
                    if not any(covers(one, target.name) for one in listed)
                }
                beyond = {name: it for name, it in decisions.items() if it.is_allowed}
                if beyond:
                    yield _unlisted(role, action, beyond)

    def _services(self, role: str) -> set[str]:
        """Return the services of the stack's resources and of all that is allowed."""
        found = {one.service for one in self._stack.resources.values()}
        for name in found & SERVICES.keys():
            found.update(SERVICES[name].more_prefixes)
        return found | self.roles[role].services

    def _decide_possible(self, role: str, action: str, target: Target) -> Decision:
        # The owner of a foreign resource may allow it: as if it were the role's.
        owner = {"aws:ResourceAccount": self._stack.place.account_id, **_CONTEXT}
        request = Request.of(self._principals[role], action, target.arn, owner)
        return _decide(self.roles[role].possible, self._possible, request)

    def _mentioned(self, role: str, service: str) -> list[str]:
        """Return the actions that any Allow has: without one nothing is allowed."""
        policies = (*self.roles[role].possible.identity, *self._possible.values())
        allowed = frozenset[str]().union(
            *(
                _covered(statement.actions, service)
                for policy in policies
                for statement in policy.statements
                if not statement.deny
            )
        )
        return [one for one in _named(service) if one in allowed]


@cache
def _covered(actions: Actions, service: str) -> frozenset[str]:
    """Return which of a service's actions an element of a statement covers."""
    return frozenset(one for one in _named(service) if actions.match(one.lower()))


def _named(service: str) -> Iterator[str]:
    return (f"{service}:{name}" for name in reference.actions(service))


def _decide(
    policies: Policies, on_resources: Mapping[str, Policy], request: Request
) -> Decision:
    """Decide by a role's policies and the one on the resource, if any."""
    resource = on_resources.get(request.resource)
    return evaluate(replace(policies, resource=resource), request)


def _unlisted(role: str, action: str, beyond: Mapping[str, Decision]) -> Finding:
    """Return that an action is allowed on resources that the matrix does not list."""
    names = sorted(beyond, key=lambda name: (name.startswith(ANOTHER), name))
    shown = ", ".join(names[:_SHOWN])
    if len(names) > _SHOWN:
        shown += f" and {len(names) - _SHOWN} more"
    match = beyond[names[0]].matches[0]
    label = match.statement
    statement = f"statement {label}" if isinstance(label, int) else label
    problem = f"not in the matrix, but allowed by {match.policy}, {statement}"
    return Finding(role, action, shown, problem)


def differences(
    looked_at: Iterable[tuple[Parameters, StaticLayer]],
    matrix: Matrix,
    given: Mapping[str, str] | None = None,
) -> list[str]:
    """Return in words how the matrix differs from a template's static layers.

    Each with the parameters that it takes, but those that were ``given``.
    """
    found: dict[Finding, str] = {}
    absent = set(matrix.roles)
    for parameters, layer in looked_at:
        absent -= layer.roles.keys()
        varied = {k: v for k, v in parameters.items() if k not in (given or {})}
        suffix = ", ".join(f"{name}={value}" for name, value in varied.items())
        for finding in layer.findings():
            found.setdefault(finding, f" (with {suffix})" if suffix else "")
    missing = "the matrix has this role, the template has not"
    absentees = [Finding(role, "*", "*", missing) for role in sorted(absent)]
    return [f"{one}{suffix}" for one, suffix in found.items()] + [*map(str, absentees)]


def layers(
    template: Path,
    matrix: Matrix,
    given: Mapping[str, str],
    policies: Mapping[str, Document] | None = None,
) -> Iterator[tuple[Parameters, StaticLayer]]:
    """Yield the static layer for each set of parameters that takes another branch.

    ``given`` parameters are never varied. ``policies``: documents that the template
    only names, by ARN.

    Raises:
        HarnessError: it is no template, or a policy's document is not known.
    """
    branching = branches(load(template), given, examples=matrix.examples)
    for parameters, stack in branching:
        yield parameters, StaticLayer(matrix.at(parameters), stack, policies)


def evidence(
    looked_at: Iterable[tuple[Parameters, StaticLayer]], matrix: Matrix
) -> Iterator[Evidence]:
    """Decide each cell by a template's static layers, on each that has the role."""
    for _, layer in looked_at:
        for cell in matrix.cells:
            if cell.role in layer.roles:
                allowed = layer.decide(cell).is_allowed
                holds = allowed is (cell.effect is Effect.ALLOW)
                yield Evidence.about(cell, Layer.STATIC, holds=holds)
