"""How functions run, log and are configured."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sam_harness.errors import HarnessError
from sam_harness.policy.rule import Element, ResolvedTemplate, Violation, known, rule

_FUNCTION = "AWS::Lambda::Function"
_SECRET_NAME = re.compile(
    r"(^|_)(PASSWORD|PASSWD|PWD|SECRET|TOKEN|CREDENTIALS?|API_?KEY|PRIVATE_?KEY"
    r"|ACCESS_?KEY|SECRET_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY)$"
)
_SECRET_VALUE = re.compile(
    r"(AKIA|ASIA)[0-9A-Z]{16}"  # AWS access keys
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|gh[pousr]_\w{30,}|github_pat_\w{30,}"
    r"|xox[abprs]-[\w-]{10,}"  # Slack
    r"|[sr]k_live_\w{16,}"  # Stripe
    r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+"  # JSON web tokens
    r"|://[^/\s:@]+:[^/\s:@]+@"  # a password in a URL
)
# Says where a secret is or how it is used, and is none.
_NO_SECRET = re.compile(
    r"arn:.*|<.*>|https?://[^@]*|/.*|true|false|\d{1,5}|", re.IGNORECASE
)


@rule("E9004", "A function is traced actively.")
def _tracing(template: ResolvedTemplate) -> Iterator[Violation]:
    for function in template.elements(_FUNCTION):
        mode = (function.properties.get("TracingConfig") or {}).get("Mode", "")
        if mode != "Active" and known(mode):
            message = f"{function.logical_id} is not traced: set Tracing to Active"
            yield Violation(function.at("TracingConfig"), message)


@rule("E9005", "A function has a log group of its own in the template.")
def _log_group(template: ResolvedTemplate) -> Iterator[Violation]:
    users: dict[str, list[Element]] = {}
    for function in template.elements(_FUNCTION):
        logging = function.properties.get("LoggingConfig") or {}
        default = f"/aws/lambda/{template.identity(function).name}"
        name = logging.get("LogGroup", default)
        group = template.find(name, "AWS::Logs::LogGroup")
        if group:
            users.setdefault(group.logical_id, []).append(function)
        elif known(name):
            message = f"{function.logical_id} logs to {name}, which no resource defines"
            yield Violation(function.at("LoggingConfig"), message)
    for group_id, functions in users.items():
        for function in functions[1:]:
            message = (
                f"{function.logical_id} shares {group_id} with "
                f"{functions[0].logical_id}: give it a log group of its own"
            )
            yield Violation(function.at("LoggingConfig"), message)


@rule("E9006", "No value in a function's environment looks like a secret written down.")
def _secret(template: ResolvedTemplate) -> Iterator[Violation]:
    for function in template.elements(_FUNCTION):
        environment = function.properties.get("Environment") or {}
        for name, value in (environment.get("Variables") or {}).items():
            path = function.at("Environment", "Variables", name)
            if _looks_secret(name, value) and _written_down(template, path):
                message = f"{name} looks like a secret: keep it in Secrets Manager"
                yield Violation(path, message)


def _looks_secret(name: str, value: object) -> bool:
    if not isinstance(value, str) or not known(value):
        return False
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
    named = _SECRET_NAME.search(snake) and not _NO_SECRET.fullmatch(value)
    return bool(named or _SECRET_VALUE.search(value))


def _written_down(template: ResolvedTemplate, path: tuple[str | int, ...]) -> bool:
    """Tell a literal, or a parameter's default, from what is given at deployment."""
    match template.unresolved(path):
        case str():
            return True
        case {"Ref": str(name)}:
            parameters = template.plain.get("Parameters") or {}
            return bool((parameters.get(name) or {}).get("Default"))
        case {"Fn::Sub": str(text)}:
            return "${" not in text or bool(_SECRET_VALUE.search(text))
    return False


@rule("E9007", "A function's runtime is not deprecated.")
def _runtime(template: ResolvedTemplate) -> Iterator[Violation]:
    today = datetime.now(UTC).date()
    dates = _deprecation_dates()
    for function in template.elements(_FUNCTION):
        runtime = str(function.properties.get("Runtime", ""))
        ended = dates.get(runtime, date.max)
        if ended <= today:
            message = f"AWS deprecated {runtime} on {ended}: move to a newer runtime"
            yield Violation(function.at("Runtime"), message)


@cache
def _deprecation_dates() -> Mapping[str, date]:
    """Return the day from which AWS calls each runtime deprecated.

    The file is read without importing cfn-lint, which takes seconds.
    """
    package = find_spec("cfnlint")
    if package is None or package.origin is None:
        raise HarnessError("cfn-lint is not installed: see tests/requirements/test.in")
    data = Path(package.origin).parent / "data" / "AdditionalSpecs"
    runtimes = json.loads((data / "LmbdRuntimeLifecycle.json").read_bytes())
    return {
        name: date.fromisoformat(dates["deprecated"])
        for name, dates in runtimes.items()
        if dates.get("deprecated")
    }
