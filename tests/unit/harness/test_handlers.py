"""Handlers are looked for before anything is deployed."""

from pathlib import Path

import pytest

from harness import handlers
from harness.errors import HarnessError
from harness.template.document import load

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals: {{Function: {{Runtime: python3.13}}}}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties: {{Handler: {handler}, CodeUri: src/}}
"""


def _check(folder: Path, handler: str, code: str) -> None:
    template = folder / "template.yaml"
    template.write_text(TEMPLATE.format(handler=handler))
    module = folder / "built" / "Orders" / "app" / "main.py"
    module.parent.mkdir(parents=True)
    module.write_text(code)
    handlers.check(load(template), folder / "built")


@pytest.mark.parametrize(
    "code",
    [
        "def handler(event, context): ...",
        "handler = print",
        "from elsewhere import handle as handler",
        "from elsewhere import *",
    ],
)
def test_a_handler_that_the_module_binds_is_found(code: str, tmp_path: Path) -> None:
    """However the name comes to be in the module."""
    _check(tmp_path, "app.main.handler", code)


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        ("app.mian.handler", "its code has no module 'app.mian'"),
        ("app.main.handle", "main.py defines no 'handle'"),
        ("handler", "its code has no module 'handler'"),
    ],
)
def test_a_missing_handler_is_named_with_its_function_and_line(
    handler: str, said: str, tmp_path: Path
) -> None:
    """The message names the template's line, the function and what is missing."""
    with pytest.raises(HarnessError) as caught:
        _check(tmp_path, handler, "def handler(event, context): ...")

    assert "template.yaml:6: Orders:" in str(caught.value)
    assert said in str(caught.value)
