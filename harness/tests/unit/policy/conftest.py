"""What the tests of the rule pack share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sam_harness.policy.rules import BrokenRule, judge
from sam_harness.template.document import load
from sam_harness.template.sam import translate

type Judge = Callable[..., list[BrokenRule]]


def judge_file(path: Path, **parameters: str) -> list[BrokenRule]:
    """Return what the whole pack says about a template file."""
    source = load(path)
    translation = translate(source, parameters)
    return list(judge(source, translation.template, parameters))


@pytest.fixture(name="judge_file")
def _judge_file() -> Judge:
    """Give the rules that are broken by a file."""
    return judge_file


@pytest.fixture
def judge_text(tmp_path: Path) -> Judge:
    """Give the rules that are broken by the text of a template, SAM's or plain."""

    def judged(text: str, **parameters: str) -> list[BrokenRule]:
        path = tmp_path / "template.yaml"
        # Translating takes most of a test's time: only where there is something to do.
        is_sam = "AWS::Serverless::" in text
        head = "Transform: AWS::Serverless-2016-10-31\n" if is_sam else ""
        path.write_text(head + text)
        return judge_file(path, **parameters)

    return judged
