"""What CloudFormation has against the values of a template's parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sam_harness.localstack.stacks.template import functions, referred

_LISTS = ("CommaDelimitedList", "List<")
_ESCAPED = re.compile(r'["\\\x00-\x1f]')


def problems(
    template: Mapping[str, Any], given: Mapping[str, str], kept: Collection[str] = ()
) -> Iterator[str]:
    """Yield one line per value that the template forbids.

    ``given``: name -> value. ``kept``: those that an update leaves as they are.
    """
    declared = template.get("Parameters") or {}
    if unknown := sorted(given.keys() - declared.keys()):
        yield f"Parameters: [{', '.join(unknown)}] do not exist in the template"
    values: dict[str, str | list[str]] = {}
    places = [template.get("Resources"), template.get("Outputs")]
    told = [one for name, one in functions(places) if name == "ToJsonString"]
    in_json = {*referred(told)}
    for name, declaration in declared.items():
        if name in kept:
            continue
        value = given.get(name, declaration.get("Default"))
        if value is None:
            yield f"Parameters: [{name}] must have values"
            continue
        text, kind = _text(value), str(declaration.get("Type"))
        is_list = kind.startswith(_LISTS)
        items = _items(text) if is_list else [text]
        said = declaration.get("ConstraintDescription")
        for problem in (p for one in items for p in _broken(declaration, kind, one)):
            yield f"Parameter '{name}' {said or problem}"
        if name in in_json and (is_list or _ESCAPED.search(text)):
            yield f"Fn::ToJsonString cannot be had here of what is in parameter {name}"
        values[name] = items if is_list else text
    if len(values) == len(declared):
        yield from _violated(template.get("Rules") or {}, values)


def _broken(declaration: Mapping[str, Any], kind: str, value: str) -> Iterator[str]:
    allowed = [_text(one) for one in declaration.get("AllowedValues", [])]
    if allowed and not any(_same(value, one) for one in allowed):
        yield f"must be one of AllowedValues: {', '.join(allowed)}"
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(str(pattern), value):
        yield f"must match pattern {pattern}"
    if "Number" in kind and not kind.startswith("AWS::SSM::"):
        if (number := _number(value)) is None:
            yield "must be a number"
            return
        if "MinValue" in declaration and number < float(declaration["MinValue"]):
            yield f"must be a number not less than {declaration['MinValue']}"
        if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
            yield f"must be a number not greater than {declaration['MaxValue']}"
    if len(value) < int(declaration.get("MinLength", 0)):
        yield f"must contain at least {declaration['MinLength']} characters"
    if "MaxLength" in declaration and len(value) > int(declaration["MaxLength"]):
        yield f"must contain at most {declaration['MaxLength']} characters"


def _violated(rules: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    for name, rule in rules.items():
        if _holds(rule.get("RuleCondition", True), values):
            for one in rule["Assertions"]:
                if not _holds(one["Assert"], values):
                    said = one.get("AssertDescription", "an assertion failed")
                    yield f"Template constraint violated (rule {name}): {said}"


def _holds(expression: Any, values: Mapping[str, Any]) -> bool:  # noqa: ANN401 - JSON
    match expression:
        case bool(result):
            pass
        case {"Fn::Not": [part]}:
            result = not _holds(part, values)
        case {"Fn::And": list(parts)}:
            result = all(_holds(part, values) for part in parts)
        case {"Fn::Or": list(parts)}:
            result = any(_holds(part, values) for part in parts)
        case {"Fn::Equals": [left, right]}:
            result = _value(left, values) == _value(right, values)
        case {"Fn::Contains": [members, value]}:
            result = _value(value, values) in _value(members, values)
        case {"Fn::EachMemberEquals": [members, value]}:
            wanted = _value(value, values)
            result = all(one == wanted for one in _value(members, values))
        case {"Fn::EachMemberIn": [members, allowed]}:
            known = _value(allowed, values)
            result = all(one in known for one in _value(members, values))
        case _:  # Fn::RefAll and its like ask the account
            raise ValueError(f"a rule that cannot be evaluated here: {expression}")
    return result


def _value(source: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    match source:
        case {"Ref": str(name)}:
            return values.get(name, name)
        case list():
            return [_value(one, values) for one in source]
    return _text(source)


def _items(value: str) -> list[str]:
    return [one.strip() for one in value.split(",")] if value else []


def _same(value: str, other: str) -> bool:
    return value == other or (
        _number(value) is not None and _number(value) == _number(other)
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(_text(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
