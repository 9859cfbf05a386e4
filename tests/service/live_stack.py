"""A deployed stack that follows its template and code, and is never left broken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sam_harness.deploying.deploy import Deployer
from sam_harness.deploying.stack import DeployedStack
from sam_harness.errors import HarnessError
from sam_harness.localstack.stacks.parameters import problems
from sam_harness.packaging.build import Artefact, archives, build
from sam_harness.template import names
from sam_harness.template.document import load
from sam_harness.template.resolver import Resolver
from sam_harness.template.sam import translate
from service.release import Releases, try_candidates

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


class DamagedError(HarnessError):
    """An update failed halfway, and so did going back: anything may serve now."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack is, and how it was deployed."""

    template: Path
    name: str
    parameters: Mapping[str, str]
    account_id: str
    region: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What went live: the logical ids of functions with new code, or all of it."""

    functions: tuple[str, ...] = ()
    whole_stack: bool = False


class LiveStack:
    """One stack and what serves in it now: ``stack`` as CloudFormation describes it."""

    def __init__(
        self,
        place: Place,
        deployer: Deployer,
        client: "LambdaClient",
        artefact: Artefact,
        stack: DeployedStack,
    ) -> None:
        self.stack = stack
        self._place = place
        self._deployer = deployer
        self._client = client
        self._releases = Releases(client)
        self._live = artefact
        self._code = deployer.upload(archives(artefact))
        self._is_whole = True

    def apply(self, on_progress: Callable[[str], None] = lambda _: None) -> Applied:
        """Bring live what template and code say now.

        Raises:
            DamagedError: an update failed, and going back failed as well.
            HarnessError: it is broken, says why; what served before serves still.
        """
        self._live.keep()
        artefact = build(self._place.template, on_progress)
        if self._is_whole and artefact.key == self._live.key:
            return Applied()
        code = self._deployer.upload(archives(artefact))
        if (
            self._is_whole
            and artefact.template.read_text() == self._live.template.read_text()
        ):
            applied = self._release(code)
        else:
            applied = self._update(artefact, code, on_progress)
        self._live, self._code, self._is_whole = artefact, code, True
        return applied

    def _release(self, code: Mapping[str, str]) -> Applied:
        changed = {
            logical_id: name
            for logical_id, name in _names(self.stack).items()
            if code.get(logical_id) != self._code.get(logical_id)
        }
        self._releases.release(changed, code, before=self._code)
        return Applied(tuple(sorted(changed)))

    def _update(
        self,
        artefact: Artefact,
        code: Mapping[str, str],
        on_progress: Callable[[str], None],
    ) -> Applied:
        on_progress("checking the template")
        try_candidates(self._client, self._resolved(artefact, code), _names(self.stack))
        on_progress("updating the stack")
        try:
            stack = self._deploy(artefact)
            self._releases.release(_names(stack))
        except HarnessError as error:
            on_progress("going back to what was deployed before")
            self._go_back(error)
            raise
        self.stack = stack
        return Applied(tuple(sorted(stack.functions)), whole_stack=True)

    def _resolved(
        self, artefact: Artefact, code: Mapping[str, str]
    ) -> Mapping[str, Any]:
        place = self._place
        body = translate(
            load(artefact.template),
            place.parameters,
            region=place.region,
            code_uris=code,
        ).template
        if wrong := list(problems(body, place.parameters)):
            raise HarnessError("\n".join(wrong))
        there = names.Place(place.account_id, place.region, "aws", place.name)
        return Resolver(body, place.parameters, there).template()

    def _deploy(self, artefact: Artefact) -> DeployedStack:
        place = self._place
        return self._deployer.deploy(artefact, place.name, place.parameters)

    def _go_back(self, failure: HarnessError) -> None:
        self._is_whole = False
        try:
            self.stack = self._deploy(self._live)
            self._releases.release(_names(self.stack))
        except HarnessError as error:
            raise DamagedError(
                f"{failure}\nGoing back to the last good version failed:\n{error}"
            ) from error
        self._is_whole = True


def _names(stack: DeployedStack) -> dict[str, str]:
    """Return the functions by their names, whatever their callers invoke."""
    return {logical_id: stack.resources[logical_id] for logical_id in stack.functions}
