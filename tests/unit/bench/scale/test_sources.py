"""The figures' origins: the template, AWS's pages, the page that tells of them."""

from dataclasses import fields
from pathlib import Path

import pytest

from bench.scale.limits import SOURCES, Limits, read_settings
from bench.scale.page_limits import stands_table
from bench.scale.scenario import Base
from sam_harness.errors import HarnessError
from service.checkout import ROOT

TEMPLATE = ROOT / "template.yaml"


def test_a_parameters_new_default_is_seen(tmp_path: Path) -> None:
    """The simulation has no copy of the template's numbers."""
    changed = tmp_path / "template.yaml"
    before = read_settings(TEMPLATE)
    text = TEMPLATE.read_text()
    default = f"Default: {before.throttle_rate:.0f}\n"
    head, tail = text.split("  ThrottleRate:\n")
    changed.write_text(
        head + "  ThrottleRate:\n" + tail.replace(default, "Default: 77\n", 1)
    )

    assert read_settings(changed).throttle_rate == 77


def test_a_template_without_a_limit_is_an_error(tmp_path: Path) -> None:
    """A renamed property must not become a silent default."""
    changed = tmp_path / "template.yaml"
    changed.write_text(TEMPLATE.read_text().replace("MaximumConcurrency:", "Most:"))

    with pytest.raises(HarnessError, match="MaximumConcurrency"):
        read_settings(changed)


def test_every_limit_has_a_page_that_states_it() -> None:
    """No number of AWS's without its source, and no source of nothing."""
    named = [name for source in SOURCES for name in source.fields]

    assert sorted(named) == sorted(field.name for field in fields(Limits))
    assert all(s.page.startswith("https://docs.aws.amazon.com/") for s in SOURCES)


def test_the_page_tells_of_this_template() -> None:
    """Fails where a limit changed since: run `tox -e scale`."""
    assert stands_table(Base.of("ours")) in (ROOT / "docs" / "scale.md").read_text()
