"""The static layer: every action on everything, decided from the template alone."""

from collections.abc import Iterable, Iterator, Mapping

from harness.access import attached, readings
from harness.access.attached import Document
from harness.access.finding import Finding, unlisted
from harness.access.matrix import Cell, Effect, Matrix
from harness.access.possible import Possible, decided
from harness.access.reference import services
from harness.access.stack import Stack
from harness.access.surroundings import Surroundings
from harness.access.targets import Target, covers, find
from harness.errors import HarnessError
from harness.iam.evaluate import Decision


class StaticLayer:
    """One matrix against one stack."""

    def __init__(
        self,
        matrix: Matrix,
        stack: Stack,
        policies: Mapping[str, Document] | None = None,
        before: Iterable["StaticLayer"] = (),
    ) -> None:
        """``policies``: documents that the template only names, by ARN.

        ``before``: other layers; a role is not decided again that one of them, of the
        same matrix, has with the same policies in the same surroundings.
        """
        self._matrix = matrix
        self._stack = stack
        self.attached = attached.of_roles(stack, policies or {})
        around = Surroundings(stack)
        alike = [layer for layer in before if layer.is_about(matrix, around)]
        self.around: Surroundings = alike[0].around if alike else around
        self._same = {
            role: layer
            for layer in alike
            for role, one in self.attached.items()
            if layer.attached.get(role) == one
        }
        self.roles: dict[str, readings.Readings] = {
            name: self._same[name].roles[name]
            if name in self._same
            else readings.read(one)
            for name, one in self.attached.items()
        }
        self._found: dict[str, tuple[Finding, ...]] = {}
        self._possible = Possible(stack, self.around, self.roles)

    def findings(self) -> list[Finding]:
        """Return every difference between the template and the matrix."""
        return [finding for role in self.roles for finding in self.of(role)]

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
        request = self._possible.request(cell.role, cell.action, target)
        return decided(self.roles[cell.role].written, self.around.written, request)

    def is_about(self, matrix: Matrix, around: Surroundings) -> bool:
        """Tell whether equal roles have equal findings here and there."""
        return self._matrix is matrix and self.around == around

    def of(self, role: str) -> tuple[Finding, ...]:
        """Return the differences of one role, looked for once."""
        if role in self._same:
            return self._same[role].of(role)
        if role not in self._found:
            self._found[role] = tuple(self._look(role))
        return self._found[role]

    def _look(self, role: str) -> Iterator[Finding]:
        if role not in self._matrix.roles:
            problem = "the template has this role, the matrix has not"
            yield Finding(role, "*", "*", problem)
        yield from self._unlisted(role)
        for cell in self._matrix.cells:
            if cell.role == role and (wrong := self._problem(cell)):
                yield Finding(role, cell.action, cell.resource, wrong)

    def _unlisted(self, role: str) -> Iterator[Finding]:
        """Yield what is possible and not in the matrix, one finding per action."""
        cells = self._matrix.of(role, Effect.ALLOW)
        for service in sorted(self._services(role)):
            everything = {*self.around.targets(service), *self._instances(role)}
            for action in self._possible.mentioned(role, services()[service].actions):
                listed = [cell.resource for cell in cells if cell.action == action]
                beyond = {
                    target.name: decision
                    for target in everything
                    if not any(covers(one, target.name) for one in listed)
                    if (
                        decision := self._possible.decide(role, action, target)
                    ).is_allowed
                }
                if beyond:
                    yield unlisted(role, action, beyond)

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
        if self._possible.decide(cell.role, cell.action, target).is_allowed:
            problem += " unless a condition is met"
        return problem

    def _services(self, role: str) -> frozenset[str]:
        """Return the services of the stack's resources and of all that is allowed."""
        return (self.around.services | self.roles[role].services) & services().keys()

    def _instances(self, role: str) -> Iterator[Target]:
        """Yield what the policies name, in the template or not."""
        for arn in self.roles[role].instances:
            yield Target(self._stack.name_of(arn), arn)
