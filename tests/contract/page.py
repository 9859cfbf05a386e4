"""docs/api.html: the contract as a page that needs nothing else, drawn by Redoc.

``tox -e api-page`` writes it anew; a unit test fails until it shows docs/openapi.yaml.
"""

import argparse
import json
import sys
from importlib.metadata import files
from pathlib import Path

import yaml

from service.checkout import ROOT

SOURCE = ROOT / "docs" / "openapi.yaml"
PAGE = ROOT / "docs" / "api.html"
_SIDECAR = "drf-spectacular-sidecar"
_BUNDLE = "redoc/bundles/redoc.standalone.js"
# No request leaves the page: neither a font nor a search worker from elsewhere.
_OPTIONS = {
    "expandResponses": "202,200",
    "hideDownloadButtons": False,
    "jsonSamplesExpandLevel": 4,
    "sortRequiredPropsFirst": True,
    "theme": {"typography": {"fontFamily": "system-ui, sans-serif"}},
}
_HTML = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 0; }}</style>
<script type="application/json" id="contract">{contract}</script>
</head><body><main id="page"></main>
<script>{bundle}</script>
<script>
const contract = JSON.parse(document.getElementById("contract").textContent);
Redoc.init(contract, {options}, document.getElementById("page"));
</script>
</body></html>
"""


def main() -> int:
    """Write the page; say where it is."""
    argparse.ArgumentParser(
        prog="tox -e api-page",
        description="Writes docs/api.html from docs/openapi.yaml.",
    ).parse_args()
    contract = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    PAGE.write_text(render(contract), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {PAGE.stat().st_size:,} bytes")
    return 0


def render(contract: dict[str, object]) -> str:
    """Return the page; it holds Redoc and the contract."""
    return _HTML.format(
        title="Refunds API",
        # Inside of a script element nothing may look like its end.
        contract=json.dumps(contract, default=str).replace("<", "\\u003c"),
        bundle=_bundle().replace("</script", "<\\/script"),
        options=json.dumps(_OPTIONS),
    )


def _bundle() -> str:
    # Found without importing the package, which wants Django.
    [found] = [one for one in files(_SIDECAR) or [] if one.match(f"*/{_BUNDLE}")]
    return Path(str(found.locate())).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
