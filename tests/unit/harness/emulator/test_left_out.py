"""Libraries that this LocalStack does without, and what comes of their use."""

import subprocess

import pytest

from unit import fresh_python

INSTALLED = "from harness.localstack_plugin import left_out; left_out.install(); "


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run code where they are left out."""
    return fresh_python.run(INSTALLED + code)


def test_what_can_be_missing_is_missing() -> None:
    """Whoever imports it knows what to do then."""
    ended = run("import h2.config")

    assert "No module named 'h2.config'" in ended.stderr


def test_what_is_taken_for_granted_can_be_imported_and_made() -> None:
    """At any depth; some of it is an exception, some is made at the import."""
    ended = run(
        "import dns.message; from rich.console import Console\n"
        "from openapi_core.validation.exceptions import OpenAPIError\n"
        "try: Console(1, width=2); raise ValueError\n"
        "except OpenAPIError: pass\n"
        "except ValueError: print('fine')"
    )

    assert (ended.stdout, ended.stderr) == ("fine\n", "")


@pytest.mark.parametrize(
    "use", ["OpenAPI.from_path(1)", "OpenAPI().validate(1)", "validate(1)"]
)
def test_who_uses_it_is_told_what_is_left_out_and_where(use: str) -> None:
    """Not that some attribute is missing somewhere, and not that all is well."""
    ended = run(f"from openapi_core import OpenAPI, validate; {use}")

    assert "AttributeError: openapi_core." in ended.stderr
    assert (
        "left out of LocalStack by harness.localstack_plugin.left_out" in ended.stderr
    )
