"""docs/api.html shows docs/openapi.yaml as it is now, and nothing from elsewhere."""

import json
import re

import yaml

from service.checkout import ROOT
from service.contract import DOCUMENT

PAGE = (ROOT / "docs" / "api.html").read_text(encoding="utf-8")


def test_the_page_shows_the_contract() -> None:
    """`tox -e api-page` writes it anew."""
    shown = re.search(
        r'<script type="application/json" id="contract">(.*?)</script>', PAGE
    )
    written = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))

    assert shown
    assert json.loads(shown[1]) == json.loads(json.dumps(written, default=str))


def test_the_page_needs_nothing_else() -> None:
    """It can be read without a network: from a file, or from an artefact of CI."""
    scripts = re.findall(r"(<script[^>]*>).*?</script>", PAGE, re.DOTALL)
    rest = re.sub(r"<script[^>]*>.*?</script>", "", PAGE, flags=re.DOTALL)

    assert len(scripts) == 3
    assert not [one for one in [*scripts, rest] if "src=" in one or "href=" in one]
