"""What LocalStack makes of a template otherwise than CloudFormation does.

A circular reference would keep it busy for good. What it cannot evaluate is written in
words that it can.
"""

import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sam_harness.iam.request import text as text_of

_VARIABLE = re.compile(r"\$\{(!?)\s*([^}]*?)\s*\}")
_ZONES = "abc"
_NO_TEXT = re.compile("Fn::(FindInMap|ForEach::.*|If|Length|Split|ToJsonString)")
_URL_SUFFIX = "amazonaws.com"
_TEXTS_OF_A_STATEMENT = {"Condition", "Principal", "NotPrincipal"}


def circle(resources: Mapping[str, Any]) -> list[str]:
    """Return the resources that wait for each other; none where none does.

    What SAM makes of an event waits for the function, which waits for none of it.
    """
    waits = {
        name: {*referred(_without_events(one))} & resources.keys()
        for name, one in resources.items()
    }
    # What waits for something waits for all that this waits for.
    for between, further in waits.items():
        for others in waits.values():
            if between in others:
                others.update(further)
    return sorted(name for name, others in waits.items() if name in others)


def _without_events(resource: Any) -> Any:  # noqa: ANN401 - a template is JSON
    match resource:
        case {"Type": str(kind), "Properties": {"Events": _, **others}} if (
            kind.startswith("AWS::Serverless::")
        ):
            return {**resource, "Properties": others}
    return resource


def referred(value: object) -> Iterator[str]:
    """Yield what a resource refers to, below ``value``."""
    if isinstance(value, list):
        for item in value:
            yield from referred(item)
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _names_of(key, item)
            yield from referred(item)


def functions(value: object) -> Iterator[tuple[str, object]]:
    """Yield the name, without Fn::, and the argument of each function below a value."""
    for item in value if isinstance(value, list) else ():
        yield from functions(item)
    for key, item in value.items() if isinstance(value, dict) else ():
        if str(key).startswith("Fn::"):  # YAML has numbers, too
            yield key.removeprefix("Fn::"), item
        if key != "Metadata":
            yield from functions(item)


def _names_of(function: str, argument: object) -> Iterator[str]:
    match function, argument:
        case ("Ref" | "DependsOn", str(name)):
            yield name
        case ("Fn::GetAtt", str(name) | [str(name), *_]):
            yield name.partition(".")[0]
        case ("DependsOn", list(names)):
            yield from names
        case ("Fn::Sub", str(text)):
            yield from _variables(text, {})
        case ("Fn::Sub", [str(text), dict(own)]):
            yield from _variables(text, own)


def _variables(text: str, own: Mapping[str, object]) -> Iterator[str]:
    for literal, name in _VARIABLE.findall(text):
        if not literal and name not in own:
            yield name.partition(".")[0]


def rewritten(value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - as above
    """Return a template with a change to each of its values, the inner ones first."""
    if isinstance(value, list):
        return [rewritten(item, change) for item in value]
    if isinstance(value, dict):
        value = {key: rewritten(item, change) for key, item in value.items()}
    return change(value)


def evaluable(template: Any) -> Any:  # noqa: ANN401 - a template is JSON
    """Return a template in which LocalStack can evaluate every function.

    Raises:
        ValueError: it cannot, and says which.
    """
    told = _in_texts(template) if isinstance(template, dict) else template
    return rewritten(told, lambda value: _evaluable(_meant(_written(value))))


def _meant(value: Any) -> Any:  # noqa: ANN401 - a template is JSON
    """Return what a value means on AWS, where LocalStack takes it for another."""
    match value:
        case {"Effect": _} | {"Principal": _}:
            return rewritten(value, _suffixed)
        case {"DeletionPolicy": "RetainExceptOnCreate"}:
            # LocalStack deletes it; nothing is rolled back here.
            return {**value, "DeletionPolicy": "Retain"}
    return value


def _suffixed(value: Any) -> Any:  # noqa: ANN401 - as above
    """Name a service as policies do: LocalStack's suffix is its host, for URLs."""
    if value == {"Ref": "AWS::URLSuffix"}:
        return _URL_SUFFIX
    is_text = isinstance(value, str)
    return value.replace("${AWS::URLSuffix}", _URL_SUFFIX) if is_text else value


def _written(value: Any) -> Any:  # noqa: ANN401 - a template is JSON
    """Write Fn::ToJsonString as Fn::Sub: LocalStack leaves functions in the text.

    Raises:
        ValueError: what one of them gives may be no text.
    """
    given: dict[str, object] = {}

    def placed(one: Any) -> Any:  # noqa: ANN401 - as above
        if isinstance(one, dict):
            one = {str(key): inner for key, inner in one.items()}  # YAML has numbers
            if found := [*filter(_NO_TEXT.fullmatch, one)]:
                raise ValueError(f"{found[0]} in Fn::ToJsonString gives no text")
        match one:
            case {"Ref": "AWS::NoValue"}:
                raise ValueError("AWS::NoValue in Fn::ToJsonString gives no text")
            case dict() if [*one] == ["Ref"] or "".join(one).startswith("Fn::"):
                if "\\" in json.dumps(one):  # its text is put in as it is
                    raise ValueError(
                        "a function in Fn::ToJsonString has a text to escape"
                    )
                given[name := f"HarnessValue{len(given)}"] = one
                return f"${{{name}}}"
            case dict():
                return {placed(key): placed(one[key]) for key in one}
            case list():
                return [placed(inner) for inner in one]
        return one.replace("${", "${!") if isinstance(one, str) else one

    match value:
        case {"Fn::ToJsonString": argument}:
            said = json.dumps(placed(argument), separators=(",", ":"))
            return {"Fn::Sub": [said, given]}
    return value


def _evaluable(value: Any) -> Any:  # noqa: ANN401 - a template is JSON
    match value:
        case {"Ref": str(name)} if "." in name:
            # What SAM generates, as Api.Stage: LocalStack looks for it before SAM has.
            value = {"Fn::Sub": f"${{{name}}}"}
        case {"Fn::GetAtt": str(name)} if "." in name:
            # As YAML may have it; LocalStack cannot update a stack with it.
            resource, _, attribute = name.partition(".")
            value = {"Fn::GetAtt": [resource, attribute]}
        case {"Fn::Sub": str(text)} if "${!" in text:
            value = _substitution(text, {})
        case {"Fn::Sub": [str(text), dict(own)]}:
            value = _substitution(text, _texts(own))
        case {"Fn::FindInMap": _} | {"Fn::Join": _}:
            value = _texts(value)
        case {"Effect": _}:
            # IAM takes numbers and booleans without quotation marks, LocalStack none.
            value = {
                name: _texts(one)
                if name in _TEXTS_OF_A_STATEMENT and isinstance(one, dict)
                else one
                for name, one in value.items()
            }
        case {"Fn::GetAZs": region}:
            # LocalStack asks EC2, which it does not serve here.
            of = {"Ref": "AWS::Region"} if region == "" else region
            value = [{"Fn::Join": ["", [of, letter]]} for letter in _ZONES]
        case {"Fn::Cidr": [str(block), count, *bits]}:
            value = _blocks(block, count, bits)
        case {"Fn::Cidr": _}:
            raise ValueError("Fn::Cidr is evaluated here of a literal block only")
    return value


def with_defaults(template: Mapping[str, Any]) -> dict[str, Any]:
    """Write each Fn::FindInMap that has a DefaultValue as a choice by conditions.

    LocalStack knows no default.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap-enhancements.html
    """
    maps, made = template.get("Mappings") or {}, dict(template.get("Conditions") or {})

    def written(value: Any) -> Any:  # noqa: ANN401 - a template is JSON
        match value:
            case {"Fn::FindInMap": [str(name), *keys, {"DefaultValue": default}]}:
                return chosen(maps.get(name) or {}, keys, default)
        return value

    def chosen(there: Any, keys: list[Any], default: Any) -> Any:  # noqa: ANN401 - as above
        if not keys:
            return there
        asked, *rest = keys
        if isinstance(asked, str):
            return chosen(there[asked], rest, default) if asked in there else default
        choice = default
        for key, below in there.items():
            name = f"HarnessKey{len(made)}"
            made[name] = {"Fn::Equals": [asked, str(key)]}
            choice = {"Fn::If": [name, chosen(below, rest, default), choice]}
        return choice

    places = [name for name in ("Globals", "Resources", "Outputs") if name in template]
    result = {
        **template,
        **{name: rewritten(template[name], written) for name in places},
    }
    return {**result, "Conditions": made} if made else result


def _in_texts(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template whose parameters, conditions and maps have texts only.

    CloudFormation compares texts; to LocalStack 1 is not "1", nor true "true".
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    sections = {"Conditions", "Mappings"} & template.keys()
    texts = {name: _texts(template[name]) for name in sections}
    for name, one in (template.get("Parameters") or {}).items():
        kept = {"Default": _texts(one["Default"])} if "Default" in one else {}
        # Its value was checked as a number by now; LocalStack makes one of it.
        kind = {"Type": "String"} if one.get("Type") == "Number" else {}
        texts.setdefault("Parameters", {})[name] = {**one, **kept, **kind}
    return {**template, **texts}


def _texts(value: Any) -> Any:  # noqa: ANN401 - a template is JSON
    """Write what becomes a text as CloudFormation does: LocalStack has it ``True``."""

    def written(one: Any) -> Any:  # noqa: ANN401 - as above
        if isinstance(one, dict):
            return {text_of(key): inner for key, inner in one.items()}
        return text_of(one) if isinstance(one, int | float) else one

    return rewritten(value, written)


def _substitution(text: str, own: Mapping[str, object]) -> object:
    """Return a Fn::Sub in which each ``${!Name}`` is the value of a name of its own."""
    named = dict(own)

    def name_of(found: re.Match[str]) -> str:
        literal, name = found.groups()
        if not literal:
            return found[0]
        key = f"HarnessLiteral{len(named)}"
        named[key] = f"${{{name}}}"
        return f"${{{key}}}"

    return {"Fn::Sub": [_VARIABLE.sub(name_of, text), named]}


def _blocks(block: str, count: object, bits: list[object]) -> list[str]:
    network = ipaddress.ip_network(block)
    length = network.max_prefixlen - int(str(bits[0] if bits else 8))
    blocks = network.subnets(new_prefix=length)
    return [str(one) for one in itertools.islice(blocks, int(str(count)))]
