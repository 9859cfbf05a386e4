"""Each rule finds its bad fixture, and nothing finds its good one."""

from pathlib import Path

import pytest

from harness.tests.unit.policy.conftest import Judge
from sam_harness.policy.command import listing
from sam_harness.policy.rule import Rule
from sam_harness.policy.rules import RULES, BrokenRule

FIXTURES = Path(__file__).parent / "fixtures"


def ids(broken: list[BrokenRule]) -> set[str]:
    """Return the rules that are broken."""
    return {one.rule.id for one in broken}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_rule_alone_finds_its_bad_fixture(rule: Rule, judge_file: Judge) -> None:
    """The defect yields the rule's id and no other of ours."""
    assert ids(judge_file(FIXTURES / f"{rule.id}-bad.yaml")) == {rule.id}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_finds_the_good_fixture(rule: Rule, judge_file: Judge) -> None:
    """The same template without the defect is clean."""
    assert not judge_file(FIXTURES / f"{rule.id}-good.yaml")


def test_each_rule_has_an_id_and_a_sentence_of_its_own() -> None:
    """Ids are in the range that cfn-lint leaves to others."""
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert len({rule.sentence for rule in RULES}) == len(RULES)
    assert all(rule.id.startswith("E9") and len(rule.id) == 5 for rule in RULES)
    assert all(rule.sentence.endswith(".") for rule in RULES)


def test_each_fixture_belongs_to_a_rule() -> None:
    """A fixture whose rule is gone would be checked by nothing."""
    expected = {f"{rule.id}-{kind}.yaml" for rule in RULES for kind in ("bad", "good")}

    assert {path.name for path in FIXTURES.iterdir()} == expected


def test_the_documentation_lists_the_rules() -> None:
    """``--list-rules`` prints the table that the page holds."""
    page = Path(__file__).parents[3] / "docs" / "policy-rules.md"

    assert listing() in page.read_text()
