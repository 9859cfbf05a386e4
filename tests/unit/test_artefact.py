"""What the artefact holds of libraries is what the functions use of them."""

import re

import botocore
import urllib3
from botocore import xform_name
from botocore.session import Session

from sam_harness.template.document import load
from service.checkout import ROOT, TEMPLATE


def test_the_template_lists_exactly_what_the_code_calls() -> None:
    """One operation too few would be an AttributeError on Lambda."""
    listed = load(TEMPLATE)["Metadata"]["Harness"]["BotocoreServices"]
    sources = "".join(p.read_text() for p in (ROOT / "src" / "refunds").rglob("*.py"))
    called = set(re.findall(r"self\.client\.(\w+)\(", sources))

    assert called == {xform_name(name) for names in listed.values() for name in names}
    for service, names in listed.items():
        known = Session().get_service_model(service).operation_names
        assert set(names) <= set(known)


def test_the_functions_hold_the_libraries_that_the_tests_looked_at() -> None:
    """What is replaced in the artefact was looked at in these versions."""
    locked = (ROOT / "src" / "requirements.txt").read_text()

    for library in (botocore, urllib3):
        assert f"{library.__name__}=={library.__version__} " in locked
