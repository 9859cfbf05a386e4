"""docs/deploy.md's own commands, from an empty account on, end with a smoked stage."""

from pathlib import Path

import pytest

from rehearsal import page
from rehearsal.pipeline import Ended
from rehearsal.stage import account_environment, find
from sam_harness.emulator.embedded import EmbeddedLocalStack
from service.checkout import ROOT

# A stage whose DecisionLimit somebody sets.
BY_HAND = """
.tools/bin/tox run -q -e rollback -- save --stack "refunds-$STAGE" before.json
.tools/bin/tox run -q -e rollback -- restore before.json --parameter DecisionLimit=7 \\
  --s3-bucket "$ARTEFACT_BUCKET"
"""
# A stage, its account, and what its owner has exported before.
TEST = {"STAGE": "test"}
PRODUCTION = {
    "STAGE": "production",
    "GATEWAY_URL": "https://payments.example.com",
    "GATEWAY_SECRET_ARN": (
        "arn:aws:secretsmanager:us-east-1:420000000000:secret:payments-AbCdEf"
    ),
    "CURRENCY": "EUR",
    "ALARM_EMAIL": "oncall@example.com",
    "OWNER_ID": "1234",
    "REPOSITORY_ID": "98765",
}


@pytest.mark.parametrize(
    ("account", "exported"),
    [("410000000000", TEST), ("420000000000", PRODUCTION)],
    ids=["test", "production"],
)
def test_the_page_leads_from_nothing_to_a_stage(
    localstack: EmbeddedLocalStack,
    tmp_path: Path,
    account: str,
    exported: dict[str, str],
) -> None:
    """Its own code blocks, in its order, in an account that holds nothing."""
    told = page.commands(tmp_path)
    base = account_environment(localstack.endpoint_url, localstack.region)
    own = {"AWS_ACCESS_KEY_ID": account, "REPOSITORY": "octo-org/refunds"}
    shell = page.Shell(
        page.environment({**base, **own, **exported}, tmp_path), tmp_path
    )
    stack = f"refunds-{exported['STAGE']}"
    ran = []
    try:
        for block in page.blocks():
            if (
                "smoke" in block.text
            ):  # AWS would serve it at the address in its outputs
                session = localstack.session(account)
                found = find(session, stack, localstack.endpoint_url)
                shell.environment["API_URL"] = found.api_url
            done = shell.run(block.text)
            assert done.status == 0, f"{block.section}:\n{block.text}\n{done.output}"
            ran.append(done.output)
        refused = deploy_after_a_change_by_hand(shell)
    finally:
        (ROOT / "before.json").unlink(missing_ok=True)

    assert any("smoke: ok" in output for output in ran)
    assert refused.status != 0
    assert "STOP: DecisionLimit is '7'" in refused.output
    variables = {line.split()[2] for line in told.read_text().splitlines()[1:]}
    assert {"DEPLOY_ROLE_ARN", "ARTEFACT_BUCKET", "EXECUTION_ROLE_ARN"} <= variables
    assert ("GATEWAY_URL" in variables) is ("GATEWAY_URL" in exported)


def deploy_after_a_change_by_hand(shell: page.Shell) -> Ended:
    """Change a parameter past the stage's file, and deploy as the page says."""
    changed = shell.run(BY_HAND)
    assert changed.status == 0, changed.output
    [block, *_] = page.blocks(["Without GitHub"])
    return shell.run(block.text)
