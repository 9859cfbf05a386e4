"""How functions run, log and are configured."""

import re
from collections.abc import Iterator

from sam_harness.policy.rule import (
    Element,
    ResolvedTemplate,
    Violation,
    known,
    mapping,
    rule,
)
from sam_harness.project import Profile
from sam_harness.template.values import value_at

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


@rule("E9004", Profile.STRICT)
def _tracing(template: ResolvedTemplate) -> Iterator[Violation]:
    """A function is traced actively."""
    for function in template.elements(_FUNCTION):
        mode = mapping(function.properties.get("TracingConfig")).get("Mode", "")
        if mode != "Active" and known(mode):
            message = f"{function.logical_id} is not traced: set Tracing to Active"
            yield Violation(function.at("TracingConfig"), message)


@rule("E9005", Profile.STRICT)
def _log_group(template: ResolvedTemplate) -> Iterator[Violation]:
    """A function has a log group of its own in the template."""
    users: dict[str, list[Element]] = {}
    for function in template.elements(_FUNCTION):
        logging = mapping(function.properties.get("LoggingConfig"))
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


@rule("E9006", Profile.DEFAULT)
def _secret(template: ResolvedTemplate) -> Iterator[Violation]:
    """No value in a function's environment looks like a secret written down."""
    for function in template.elements(_FUNCTION):
        variables = value_at(function.properties, ("Environment", "Variables"))
        for name, value in mapping(variables).items():
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
    match value_at(template.plain, path):
        case str():
            return True
        case {"Ref": str(name)}:
            parameters = template.plain.get("Parameters") or {}
            return bool((parameters.get(name) or {}).get("Default"))
        case {"Fn::Sub": str(text)}:
            return "${" not in text or bool(_SECRET_VALUE.search(text))
    return False
