"""No session without a gate that works: each way to lose it, and what is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.tests.integration.gate.roles import Roles, client, denied, document
from sam_harness.emulator import environment, gate_client
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.errors import HarnessError

# A start takes 2 s of a processor, whichever LocalStack the run has: what can be seen
# without one of its own shares `unsteady`.
GATE = Path("sam_harness/localstack/gate")
SERVICES = ("sqs",)
DECIDES = "if not decision.is_allowed:"
# Decides as a file says, which may be written at any time.
DAMAGE = """
from pathlib import Path

HOW = Path(__file__).with_name("how")

def is_allowed(decision):
    how = HOW.read_text()
    return decision.is_allowed if how == "sound" else how == "open"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a copy of the plugin, to be damaged."""
    return copy_of_the_plugin(tmp_path)


def copy_of_the_plugin(folder: Path) -> Path:
    """Copy what LocalStack loads."""
    site = folder / "site"
    site.mkdir()
    environment.copy_plugin_to(site)
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
        assert not emulator.is_running
    finally:
        emulator.stop()
    return str(refused.value)


def test_a_flag_that_is_misspelt_stops_the_session() -> None:
    """It is not taken for off, nor for on. LocalStack's own last words say so."""
    said = refusal_to_start(IAM_GATE="enforced")

    assert said.startswith("LocalStack ended while it was starting")
    assert "IAM_GATE is 'enforced': set it to 'enforce' or 'off'" in said


def test_a_plugin_that_is_not_mounted_stops_the_session() -> None:
    """Its code is there, LocalStack is not told of it, and starts without a word."""
    said = refusal_to_start(PYTHONPATH=str(environment.PACKAGE.parent))

    assert "LocalStack runs without our plugin" in said


def test_a_gate_that_is_not_installed_stops_the_session(site: Path) -> None:
    """Health tells that it is not in the chain."""
    start = site / "sam_harness/localstack/plugin.py"
    damage(start, "    gate.install()\n", "")

    said = refusal_to_start(PYTHONPATH=str(site))

    assert "LocalStack runs without our plugin" in said
    assert "'gate': 'off'" in said


def test_an_exception_in_the_gate_stops_the_session(site: Path) -> None:
    """The call is refused, and the canary does not take that for its denial."""
    damage(
        site / GATE / "deciding.py",
        "    principal, context = _principal(call, caller, knowledge)\n",
        '    raise RuntimeError("broken on purpose")\n',
    )

    said = refusal_to_start(PYTHONPATH=str(site))

    assert "the canary was denied, but not for what it lacks" in said
    assert "broken on purpose" in said


@pytest.fixture(scope="module")
def how(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that says how the unsteady gate decides."""
    site = copy_of_the_plugin(tmp_path_factory.mktemp("unsteady"))
    damage(
        site / GATE / "gate.py",
        DECIDES,
        'if not __import__("damage").is_allowed(decision):',
    )
    (site / "damage.py").write_text(DAMAGE)
    how = site / "how"
    how.write_text("sound")
    return how


@pytest.fixture(scope="module")
def unsteady(how: Path) -> Iterator[EmbeddedLocalStack]:
    """Yield a LocalStack that came up with a sound gate, which may fail."""
    path = {"PYTHONPATH": str(how.parent)}
    with EmbeddedLocalStack(services=SERVICES, variables=path) as emulator:
        yield emulator


@pytest.mark.parametrize(
    ("decides", "said"),
    [
        ("open", "a role without permissions was served iam:GetRole"),
        # The control, which is permitted, must be served.
        ("shut", "a role with iam:GetRole was denied it"),
    ],
)
def test_a_gate_that_decides_nothing_does_not_pass_the_check_of_a_start(
    unsteady: EmbeddedLocalStack, how: Path, decides: str, said: str
) -> None:
    """It asks the gate itself: health sees no difference."""
    how.write_text(decides)
    try:
        with pytest.raises(HarnessError, match=f"the IAM gate does not work: {said}"):
            gate_client.check_canary(unsteady.session)
    finally:
        how.write_text("sound")


def test_a_session_policy_that_cannot_be_read_gives_no_permission_and_is_told(
    unsteady: EmbeddedLocalStack,
) -> None:
    """LocalStack takes one that AWS would not; the gate goes on for all others."""
    roles = Roles(unsteady.session(), unsteady.session, "000000000000")
    role = roles.make()
    role.allow("sqs:ListQueues", "*")
    role.client("sqs").list_queues()
    gate_client.check_health(unsteady.endpoint_url)
    statement = {
        "Effect": "Allow",
        "Action": "sqs:ListQueues",
        "Resource": "*",
        "Condition": {"StringEqualish": {"aws:username": "x"}},
    }

    session = role.session(Policy=document(statement))

    refused = denied(client(session, "sqs").list_queues)
    assert (refused.code, refused.http_status) == ("InvalidClientTokenId", 403)
    noted = gate_client.decisions(unsteady.endpoint_url, role=role.name)
    [failed] = [one for one in noted if one["decision"] == "failed"]
    assert failed["call"] == "sts:AssumeRole"
    assert "StringEqualish" in failed["reason"]
    role.client("sqs").list_queues()
    gate_client.check_health(unsteady.endpoint_url)
