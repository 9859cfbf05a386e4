"""A template as it is, or would be, submitted: values, where the code is, resources."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sam_harness.errors import HarnessError, UsageError
from sam_harness.template.document import Document, load, parse
from sam_harness.template.names import ANYWHERE
from sam_harness.template.resolver import Resolver
from sam_harness.template.sam import translate
from sam_harness.template.values import another, text_of

# Whatever CloudFormation would call things: the names of both sides shall compare.
PLACE = replace(ANYWHERE, suffix="-suffix")
_FUNCTIONS = {"AWS::Serverless::Function": "CodeUri", "AWS::Lambda::Function": "Code"}


@dataclass(frozen=True, slots=True)
class Submitted:
    """Plain CloudFormation, and the same without intrinsics."""

    plain: Mapping[str, Any]
    resources: Mapping[str, Any]


def previous(path: Path) -> tuple[Document, dict[str, str] | None]:
    """Read a template, or what ``rollback save`` has kept of a stack, with its values.

    None: only a template is known.

    Raises:
        UsageError: there is no such file.
        HarnessError: it is neither.
    """
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        template, values = kept["template"], dict(kept["parameters"])
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (KeyError, TypeError, ValueError):
        return load(path), None
    return parse(template, path), values


def values_of(
    document: Document, told: Mapping[str, str], kept: Mapping[str, str]
) -> dict[str, str]:
    """Return the value of each parameter: told, else kept by the stack, else default.

    One without any value may have any: it is the same on both sides.
    """
    values = {}
    for name, declared in (document.get("Parameters") or {}).items():
        default = text_of(declared.get("Default", another(declared, "")))
        values[name] = told.get(name, kept.get(name, default))
    return values


def unreached_defaults(
    before: Document, after: Document, told: Mapping[str, str], kept: Mapping[str, str]
) -> list[str]:
    """Return the parameters whose default is another, and whose stack keeps its value.

    `sam deploy` asks CloudFormation for the previous value of whatever is not told, so
    a changed default never reaches a stack that is there.
    """
    old, new = (one.get("Parameters") or {} for one in (before, after))
    lines = []
    for name in old.keys() & new.keys() - told.keys():
        defaults = [one[name].get("Default") for one in (old, new)]
        stays = kept.get(name, text_of(defaults[0]))
        if defaults[0] != defaults[1] and text_of(defaults[1]) != stays:
            lines.append(
                f"parameter {name}: its default would be {text_of(defaults[1])!r}, the "
                f"stack keeps {stays!r}: pass the value to change it"
            )
    return sorted(lines)


def changed_values(told: Mapping[str, str], kept: Mapping[str, str]) -> list[str]:
    """Return the parameters that a stack has with another value than it is told."""
    return [
        f"parameter {name}: {kept[name]!r} in the stack, {told[name]!r} from now on"
        for name in sorted(told.keys() & kept.keys())
        if told[name] != kept[name]
    ]


def submitted(
    document: Document, values: Mapping[str, str], code: Mapping[str, str]
) -> Submitted:
    """Translate and resolve; ``code``: where the code of a function is, by its name.

    Raises:
        HarnessError: SAM rejects the template.
    """
    plain = translate(document, values, region=PLACE.region, code_uris=code).template
    resolver = Resolver(plain, values, PLACE, unknown=lambda reason: f"<{reason}>")
    try:
        return Submitted(plain, resolver.template()["Resources"])
    except HarnessError as error:
        raise HarnessError(f"{document.path}: {error}") from error


def code_of(
    document: Document, before: Document, bucket: str | None, built: Path | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Return where the local code of both templates is, or would be uploaded to.

    What is local is named after its content, as `sam deploy` does; ``built``: where the
    artefact is. Code of the same path that is not there on both sides is the same. The
    bucket, when none is given, is the one from before.
    """
    new, old = _local(document, built), _local(before, None)
    after, was = {}, {}
    for name, directory in new.items():
        known = _known(before, name)
        digest = sam_digest(directory)
        if name in old:
            other = sam_digest(old[name])
            same = digest is None or other is None
            digest, other = (name, name) if same else (digest, other)
            was[name] = f"s3://{bucket or 'bucket'}/{other}"
        place = bucket or known.rpartition("/")[0] or "bucket"
        after[name] = f"s3://{place}/{digest or name}"
    for name in old.keys() - new.keys():
        was[name] = f"s3://bucket/{sam_digest(old[name]) or name}"
    return after, was


def sam_digest(directory: Path) -> str | None:
    """Return what `sam deploy` names a directory's upload after; None: there is none.

    https://github.com/aws/aws-sam-cli, samcli.lib.utils.hash: the MD5 of each file's
    path and MD5.
    """
    if not directory.is_dir():
        return None
    digest = hashlib.md5(usedforsecurity=False)
    files = [
        os.path.join(folder, file)  # noqa: PTH118 - sorted as SAM sorts them, as text
        for folder, _, names in os.walk(directory, followlinks=True)
        for file in names
    ]
    for file in sorted(files):
        content = hashlib.md5(Path(file).read_bytes(), usedforsecurity=False)
        digest.update(os.path.relpath(file, directory).encode())
        digest.update(content.hexdigest().encode())
    return digest.hexdigest()


def _local(document: Document, built: Path | None) -> dict[str, Path]:
    """Return the directories of the functions whose code is not in S3."""
    local = {}
    for name, resource in document["Resources"].items():
        uri = _uri(document, name)
        if "InlineCode" in (resource.get("Properties") or {}):
            continue
        if isinstance(uri, str) and not uri.startswith(("s3://", "https://")):
            base = built or document.path.parent
            local[name] = base / (name if built else uri)
    return local


def _uri(document: Document, name: str) -> object:
    resource = document["Resources"].get(name) or {}
    key = _FUNCTIONS.get(str(resource.get("Type")), "")
    shared = ((document.get("Globals") or {}).get("Function") or {}).get(key)
    return (resource.get("Properties") or {}).get(key, shared)


def _known(document: Document, name: str) -> str:
    """Return bucket and key of a function's code, "" where it is not in S3."""
    match _uri(document, name):
        case str(uri) if uri.startswith("s3://"):
            return uri.removeprefix("s3://")
        case {"Bucket": str(bucket), "Key": str(key)}:
            return f"{bucket}/{key}"
    return ""
