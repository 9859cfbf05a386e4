"""The deploy job on an embedded LocalStack: first release, update, broken update, back.

The stage is released once (rehearsal.releases); the tests look at what happened.
"""

import json

from rehearsal.releases import DECLINED, FINAL, REWORDED, Rehearsed
from sam_harness.deploying.rollback import MAX_TEMPLATE_BYTES


def test_a_first_release_passes_smoke_and_e2e(rehearsed: Rehearsed) -> None:
    """From an account that holds nothing."""
    assert rehearsed.first.smoke.status == 0, rehearsed.first.smoke.output
    assert rehearsed.first.reason == DECLINED
    assert rehearsed.e2e.status == 0, rehearsed.e2e.output


def test_an_update_brings_its_code(rehearsed: Rehearsed) -> None:
    """The same stack answers with what has changed."""
    assert rehearsed.update.deployed.status == 0, rehearsed.update.deployed.output
    assert rehearsed.update.smoke.status == 0, rehearsed.update.smoke.output
    assert rehearsed.update.reason == REWORDED


def test_a_broken_update_is_stopped_by_the_smoke_test(rehearsed: Rehearsed) -> None:
    """CloudFormation finds nothing wrong with it; the smoke test does."""
    assert rehearsed.broken.deployed.status == 0, rehearsed.broken.deployed.output
    assert rehearsed.broken.smoke.status == 1, rehearsed.broken.smoke.output
    assert "is not decided after 10 s" in rehearsed.broken.smoke.output


def test_going_back_brings_the_version_before(rehearsed: Rehearsed) -> None:
    """Not the first one, not the broken one; by S3, since it is long."""
    assert len(json.loads(rehearsed.kept)["template"]) > MAX_TEMPLATE_BYTES
    assert rehearsed.restored.deployed.status == 0, rehearsed.restored.deployed.output
    assert rehearsed.restored.smoke.status == 0, rehearsed.restored.smoke.output
    assert rehearsed.restored.reason == REWORDED


def test_an_operator_sees_what_is_undecided_and_sends_it_again(
    rehearsed: Rehearsed,
) -> None:
    """In the role of the redrive job, while the broken release decides nothing."""
    looked, sent = rehearsed.operated

    assert looked.status == 0, looked.output
    assert sent.status == 0, sent.output
    assert "sent " in sent.output


def test_no_accepted_refund_is_lost(rehearsed: Rehearsed) -> None:
    """After the redrive each 202 has its final status, those of the broken time too."""
    undecided = {
        refund_id: status
        for refund_id, status in rehearsed.statuses.items()
        if status not in FINAL
    }

    assert rehearsed.redriven.status == 0, rehearsed.redriven.output
    assert "moved 0;" not in rehearsed.redriven.output
    assert rehearsed.accepted_while_broken
    assert rehearsed.accepted_while_broken <= rehearsed.statuses.keys()
    assert undecided == {}
