"""What the roles of a stack are decided on, besides their own policies."""

from collections.abc import Mapping
from functools import cached_property

from harness.access import attached, readings
from harness.access.stack import Stack
from harness.access.targets import Target, inner_of, targets
from harness.iam.policy import Policy, PolicyKind, compile_policy

_KIND = PolicyKind.RESOURCE


class Surroundings:
    """The place, the names and the resource-based policies of one stack.

    Equal ones decide alike: most parameters of a template change none of this.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._documents = attached.of_resources(stack)
        self._targets: dict[str, tuple[Target, ...]] = {}
        self._names = {
            name: (one.kind, one.arn, inner_of(one))
            for name, one in stack.resources.items()
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Surroundings) and (
            (self.stack.place, self._names, self._documents)
            == (other.stack.place, other._names, other._documents)
        )

    __hash__ = None  # type: ignore[assignment] # what it is made of has no hash

    def targets(self, service: str) -> tuple[Target, ...]:
        """Return every target of a service, looked for once."""
        if service not in self._targets:
            self._targets[service] = tuple(targets(self.stack, service))
        return self._targets[service]

    @cached_property
    def services(self) -> frozenset[str]:
        """The services of the stack's resources."""
        used = {one.service for one in self.stack.resources.values()}
        return frozenset(used | ({"execute-api"} if "apigateway" in used else set()))

    @cached_property
    def written(self) -> Mapping[str, Policy]:
        """The policy of each resource that has one, by its ARN."""
        return {
            arn: compile_policy(one, _KIND, self._name(arn))
            for arn, one in self._documents.items()
        }

    @cached_property
    def possible(self) -> Mapping[str, Policy]:
        """What they make possible: see `harness.access.readings`."""
        return {
            arn: readings.possible(one, _KIND, self._name(arn))
            for arn, one in self._documents.items()
        }

    def _name(self, arn: str) -> str:
        return f"policy of {self.stack.name_of(arn)}"
