"""The jobs for a pull request's preview, in the role that they have."""

from rehearsal.previews import STACK, Previewed


def test_a_preview_is_deployed_and_smoked(previewed: Previewed) -> None:
    """From the parameters in stages/preview.yaml."""
    assert previewed.smoke.status == 0, previewed.smoke.output


def test_the_sweep_keeps_what_is_new(previewed: Previewed) -> None:
    """It looks at all stacks of the account."""
    assert previewed.swept.status == 0, previewed.swept.output
    assert "deleted" not in previewed.swept.output


def test_a_closed_pull_request_loses_its_preview(previewed: Previewed) -> None:
    """A second time there is nothing to do."""
    assert previewed.deleted.status == 0, previewed.deleted.output
    assert f"deleted {STACK}" in previewed.deleted.output
    assert previewed.deleted_again.status == 0, previewed.deleted_again.output
    assert f"there is no stack {STACK}" in previewed.deleted_again.output
