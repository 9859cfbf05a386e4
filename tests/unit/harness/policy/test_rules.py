"""Each rule finds its bad fixture, and nothing finds its good one."""

from pathlib import Path

import pytest

from harness.policy.pack import RULES, Verdict, judge
from harness.policy.rule import Rule
from harness.template.document import load
from harness.template.sam import translate

FIXTURES = Path(__file__).parent / "fixtures"


def verdicts_on(path: Path, **parameters: str) -> list[Verdict]:
    """Return what the whole pack says about a template."""
    source = load(path)
    translation = translate(source, parameters, region="us-east-1", code_uris={})
    return list(judge(source, translation.template, parameters))


def ids(verdicts: list[Verdict]) -> set[str]:
    """Return the rules that are broken."""
    return {verdict.rule.id for verdict in verdicts}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_rule_alone_finds_its_bad_fixture(rule: Rule) -> None:
    """The defect yields the rule's id and no other of ours."""
    assert ids(verdicts_on(FIXTURES / f"{rule.id}-bad.yaml")) == {rule.id}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_finds_the_good_fixture(rule: Rule) -> None:
    """The same template without the defect is clean."""
    assert not verdicts_on(FIXTURES / f"{rule.id}-good.yaml")


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
