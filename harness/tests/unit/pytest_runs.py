"""A run of pytest within this one, which has imported all that it needs."""

import pytest

# What none of these runs is about costs a third of their time.
_WITHOUT = "doctest unittest junitxml logging pastebin faulthandler cacheprovider"
CHEAP = (
    "--disable-plugin-autoload",
    *(f"-pno:{name}" for name in _WITHOUT.split()),
    "--assert=plain",
    # Else they are errors, as in the run around it.
    "-Wdefault",
)


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run the tests that there are."""
    return pytester.runpytest_inprocess(*CHEAP, *options, no_reraise_ctrlc=True)


def seen(pytester: pytest.Pytester, *options: str) -> pytest.HookRecorder:
    """Do the same, and return what a plugin sees of it."""
    return pytester.inline_run(*CHEAP, *options)
