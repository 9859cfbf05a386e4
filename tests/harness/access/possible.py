"""What roles may do at the most: if every condition were met that may be met."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from harness.access.readings import Readings
from harness.access.stack import Stack
from harness.access.surroundings import Surroundings
from harness.access.targets import Target
from harness.iam.evaluate import Decision, Policies, evaluate
from harness.iam.policy import Policy
from harness.iam.principals import Principal
from harness.iam.request import Request

# What every call to AWS has; a condition on anything else is not met.
_CONTEXT = {"aws:SecureTransport": "true"}


def decided(
    policies: Policies, on_resources: Mapping[str, Policy], request: Request
) -> Decision:
    """Decide a request by a role's policies and the one on the resource, if any."""
    resource = on_resources.get(request.resource)
    return evaluate(replace(policies, resource=resource), request)


class Possible:
    """What each of ``roles`` may do in a stack, decided once."""

    def __init__(
        self, stack: Stack, around: Surroundings, roles: Mapping[str, Readings]
    ) -> None:
        self._owner = {"aws:ResourceAccount": stack.place.account_id}
        self._around = around
        self._roles = roles
        self._principals = {
            name: Principal.parse(stack.resources[name].arn) for name in roles
        }
        self._statements: dict[tuple[str, str], tuple[bool, ...]] = {}
        self._decided: dict[tuple[str, tuple[bool, ...], str], Decision] = {}

    def request(
        self,
        role: str,
        action: str,
        target: Target,
        context: Mapping[str, str] | None = None,
    ) -> Request:
        """Return a role's request; it is made over TLS, as every call to AWS."""
        known = {**_CONTEXT, **(context or {})}
        return Request.of(self._principals[role], action, target.arn, known)

    def decide(self, role: str, action: str, target: Target) -> Decision:
        """Decide whether a role may have an action on a target."""
        # No condition is left in it: an action is told by the statements that have it.
        key = role, self._having(role, action), target.arn
        if key not in self._decided:
            # The owner of a foreign resource may allow it: as if it were the role's.
            request = self.request(role, action, target, self._owner)
            possible = self._roles[role].possible
            self._decided[key] = decided(possible, self._around.possible, request)
        return self._decided[key]

    def _having(self, role: str, action: str) -> tuple[bool, ...]:
        """Tell of each statement that may matter whether it has the action."""
        if (role, action) not in self._statements:
            key = action.lower()
            self._statements[role, action] = tuple(
                statement.actions.match(key)
                for policy in (
                    *self._roles[role].possible,
                    *self._around.possible.values(),
                )
                for statement in policy.statements
            )
        return self._statements[role, action]

    def mentioned(self, role: str, actions: Iterable[str]) -> Iterator[str]:
        """Yield those that any Allow has: without one nothing is allowed."""
        policies = (
            *self._roles[role].possible.identity,
            *self._around.possible.values(),
        )
        allows = [
            statement.actions
            for policy in policies
            for statement in policy.statements
            if not statement.deny
        ]
        # There are thousands of actions, and few statements with a wildcard.
        named = {name for one in allows if not one.negated for name in one.exact}
        others = [one for one in allows if one.negated or one.pattern]
        for action in actions:
            key = action.lower()
            if key in named or any(one.match(key) for one in others):
                yield action
