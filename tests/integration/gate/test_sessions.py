"""No session without a gate that works: each way to lose it, and what is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.emulator import gate_client, plugin_site
from harness.emulator.embedded import EmbeddedLocalStack
from harness.errors import HarnessError
from integration.gate.roles import Roles, client, denied, document

# Each takes 3 s and a LocalStack of its own, whichever one the run has.
GATE = Path("harness/localstack_plugin/gate")
SERVICES = ("sqs",)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a copy of the plugin, to be damaged."""
    site = tmp_path / "site"
    site.mkdir()
    plugin_site.copy_to(site)
    return site


def damage(file: Path, good: str, bad: str) -> None:
    """Replace a part of a file that must be there."""
    text = file.read_text()
    assert text.count(good) == 1, f"{file} has changed: {good!r}"
    file.write_text(text.replace(good, bad))


def refusal_to_start(**variables: str) -> str:
    """Start a LocalStack that must not come up, and return what was said."""
    emulator = EmbeddedLocalStack(services=SERVICES, variables=variables)
    try:
        with pytest.raises(HarnessError) as refused:
            emulator.start()
    finally:
        emulator.stop()
    return str(refused.value)


def test_a_flag_that_is_misspelt_stops_the_session() -> None:
    """It is not taken for off, nor for on."""
    said = refusal_to_start(IAM_GATE="enforced")

    assert "LocalStack ended while it was starting" in said
    assert "IAM_GATE is 'enforced': set it to 'enforce' or 'off'" in said


def test_a_gate_that_is_off_stops_the_session() -> None:
    """Off is for whoever starts LocalStack by hand."""
    said = refusal_to_start(IAM_GATE="off")

    assert "LocalStack runs without our plugin" in said
    assert "'gate': 'off'" in said


def test_a_plugin_that_is_not_mounted_stops_the_session() -> None:
    """LocalStack itself starts without a word."""
    said = refusal_to_start(PYTHONPATH="")

    assert "LocalStack runs without our plugin" in said


def test_a_gate_that_is_not_installed_stops_the_session(site: Path) -> None:
    """Health tells that it is not in the chain."""
    start = site / "harness/localstack_plugin/start.py"
    damage(start, "    gate.install()\n", "")

    said = refusal_to_start(PYTHONPATH=str(site))

    assert "LocalStack runs without our plugin" in said
    assert "'gate': 'off'" in said


def test_a_gate_that_lets_everything_pass_stops_the_session(site: Path) -> None:
    """Whatever health says: the canary is served."""
    damage(
        site / GATE / "gate.py",
        "                if not verdict.decision.is_allowed:",
        "                if verdict is None:",
    )

    said = refusal_to_start(PYTHONPATH=str(site))

    assert "the IAM gate does not work: a role without permissions was served" in said


def test_a_gate_that_refuses_everything_stops_the_session(site: Path) -> None:
    """The control, which is permitted, must be served."""
    damage(
        site / GATE / "gate.py",
        "                if not verdict.decision.is_allowed:",
        "                if verdict:",
    )

    said = refusal_to_start(PYTHONPATH=str(site))

    assert "the IAM gate does not work: a role with iam:GetRole was refused it" in said


def test_an_exception_in_the_gate_stops_the_session(site: Path) -> None:
    """The call is refused, and the canary does not take that for its denial."""
    damage(
        site / GATE / "verdict.py",
        "    principal, context = _who(call, caller)\n",
        '    raise RuntimeError("broken on purpose")\n',
    )

    said = refusal_to_start(PYTHONPATH=str(site))

    assert "the canary was refused, but not for what it lacks" in said
    assert "broken on purpose" in said


@pytest.fixture
def emulator() -> Iterator[EmbeddedLocalStack]:
    """Yield a LocalStack whose gate may fail."""
    with EmbeddedLocalStack(services=SERVICES) as emulator:
        yield emulator


def test_a_gate_that_fails_later_refuses_and_ends_the_session(
    emulator: EmbeddedLocalStack,
) -> None:
    """LocalStack takes a session policy that AWS would not; nobody can evaluate it.

    The session has no permissions at all then, and health stays bad.
    """
    roles = Roles(emulator.session(), emulator.session, "000000000000")
    role = roles.make()
    role.allow("sqs:ListQueues", "*")
    role.client("sqs").list_queues()
    gate_client.check_health(emulator.endpoint_url)
    statement = {
        "Effect": "Allow",
        "Action": "sqs:ListQueues",
        "Resource": "*",
        "Condition": {"StringEqualish": {"aws:username": "x"}},
    }

    session = role.session(Policy=document(statement))

    refused = denied(client(session, "sqs").list_queues)
    assert (refused.code, refused.http_status) == ("InvalidClientTokenId", 403)
    with pytest.raises(HarnessError, match=r"not active any more.*StringEqualish"):
        gate_client.check_health(emulator.endpoint_url)
