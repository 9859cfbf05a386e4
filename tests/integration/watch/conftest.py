"""A copy of the service whose files may be changed, deployed and followed."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from queue import Queue
from uuid import uuid4

import boto3
import pytest

from sam_harness.deploying.deploy import Deployer
from sam_harness.emulator.emulator import Emulator
from sam_harness.packaging.build import build
from service.checkout import ROOT
from service.client import RefundClient
from service.deployed import from_outputs
from service.follower import Follower, Outcome
from service.live_stack import LiveStack, Place

WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Followed:
    """A service that follows its files, and what came of each change so far.

    ``original`` is what the Receiver's code was at first; no test puts it back.
    """

    home: Path
    original: str
    client: RefundClient
    outcomes: "Queue[Outcome]"

    @property
    def template(self) -> Path:
        """The template that is followed."""
        return self.home / "template.yaml"

    @property
    def receiver(self) -> Path:
        """The module that answers ``POST /refunds``."""
        return self.home / "src" / "refunds" / "functions" / "receiver.py"

    def next_outcome(self) -> Outcome:
        """Wait for the next change to be done with."""
        return self.outcomes.get(timeout=WITHIN_S)


@pytest.fixture(scope="session")
def followed(
    tmp_path_factory: pytest.TempPathFactory,
    emulator: Emulator,
    session: boto3.Session,
    account_id: str,
    stack_parameters: dict[str, str],
) -> Iterator[Followed]:
    """Yield a copy of the service, deployed under a name of its own."""
    home = tmp_path_factory.mktemp("service")
    shutil.copytree(ROOT / "src", home / "src")
    shutil.copy(ROOT / "template.yaml", home)
    name = f"followed-{uuid4().hex[:8]}"
    place = Place(
        home / "template.yaml", name, stack_parameters, account_id, emulator.region
    )
    deployer = Deployer(session, account_id)
    artefact = build(place.template)
    deployed = deployer.deploy(artefact, name, stack_parameters)
    stack = LiveStack(place, deployer, session.client("lambda"), artefact, deployed)
    outcomes: Queue[Outcome] = Queue()
    looked, stop = threading.Event(), threading.Event()
    looks = count()

    def goes_on() -> bool:
        if next(looks):  # the first look, for what changed during deployment, is done
            looked.set()
        return not stop.is_set()

    def follow() -> None:
        follower = Follower(place.template, stack, lambda _: None)
        for outcome in follower.outcomes(goes_on):
            outcomes.put(outcome)

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    assert looked.wait(WITHIN_S)  # what is saved now is a change of its own
    apigateway = session.client("apigateway")
    described = from_outputs(name, deployed.outputs, apigateway, emulator.endpoint_url)
    original = (home / "src" / "refunds" / "functions" / "receiver.py").read_text()
    yield Followed(home, original, RefundClient(described), outcomes)
    stop.set()
    thread.join()
