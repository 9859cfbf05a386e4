"""Functions that cannot start are found before anybody calls them."""

import boto3
import pytest

from harness.tests.integration.emulator.functions import Functions
from sam_harness.emulator import init_check
from sam_harness.errors import HarnessError


def test_a_function_that_fails_at_import_is_named_with_its_error(
    functions: Functions, session: boto3.Session
) -> None:
    """One message per function, none for those that start; the trace is in the log."""
    good = functions.create("def handler(event, context): return 1")
    bad = functions.create("import no_such_module")

    with pytest.raises(HarnessError) as caught:
        init_check.check(session.client("lambda"), {"Good": good.name, "Bad": bad.name})

    said = str(caught.value)
    assert f"Bad ({bad.name}) does not start: Runtime.ImportModuleError" in said
    assert "no_such_module" in said
    assert "Good" not in said


def test_a_function_that_is_never_called_need_not_start(
    functions: Functions, session: boto3.Session
) -> None:
    """It reserves no concurrency, and the check passes for it and its alias."""
    client = session.client("lambda")
    name = functions.create("import no_such_module").name
    version = client.publish_version(FunctionName=name)["Version"]
    alias = client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    init_check.check(client, {"Function": name, "Alias": alias["AliasArn"]})


def test_the_check_leaves_the_function_warm_and_uncalled(
    functions: Functions, session: boto3.Session
) -> None:
    """The code runs once, at import; the first call finds it ready."""
    function = functions.create(
        """
        calls = 0
        def handler(event, context):
            global calls
            calls += 1
            return calls
        """
    )

    for _ in range(2):
        init_check.check(session.client("lambda"), {"Function": function.name})

    assert function.invoke().payload == 1
    assert function.invoke().payload == 2
    assert sum("INIT_START" in line for line in function.log("END")) == 1
