"""SAM to CloudFormation, and which resource of the source made which.

By AWS's own translator, run without a network or an account.
"""

import json
import logging
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.plugins.application.serverless_app_plugin import ServerlessAppPlugin
from samtranslator.translator import translator
from samtranslator.utils.py27hash_fix import (
    to_py27_compatible_template,
    undo_mark_unicode_str_in_template,
)

from sam_harness.errors import HarnessError
from sam_harness.template.document import Document
from sam_harness.template.uploads import CodeUris, place

if TYPE_CHECKING:
    from botocore.client import BaseClient

SAM = "AWS::Serverless-2016-10-31"
_ORIGIN = "HarnessOrigin"
_LOCK = threading.Lock()  # the translator keeps its region in a class attribute


@dataclass(frozen=True, slots=True)
class Translation:
    """Plain CloudFormation, and which source resource made each of its resources."""

    template: dict[str, Any]
    origins: Mapping[str, str]


def translate(
    source: Document,
    parameters: Mapping[str, str],
    *,
    region: str = "us-east-1",
    code_uris: CodeUris | None = None,
) -> Translation:
    """Translate SAM resources; a template without the transform passes unchanged.

    ``code_uris``: logical id -> "s3://bucket/key" of what was uploaded for it; every
    other local artefact gets a placeholder location. The intrinsics stay in it, and
    the transforms other than SAM's.

    Raises:
        HarnessError: SAM rejects the template; one line per problem.
    """
    # Not deepcopy: what YAML aliases share must not change together.
    template = json.loads(json.dumps(source, default=str))
    place(template, source.path.parent, code_uris or {})
    written = source.get("Transform", [])
    transforms = written if isinstance(written, list) else [written]
    if SAM not in transforms:
        return Translation(template, {name: name for name in template["Resources"]})
    _mark_origins(template)
    try:
        text = _translated(json.dumps(template), _differing(source, parameters), region)
    except InvalidDocumentException as error:
        raise HarnessError(_explain(source, error)) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # What the translator raises on shapes that it did not foresee.
        message = f"{source.path}: SAM cannot translate it: {error!r}"
        raise HarnessError(message) from error
    plain = json.loads(text)
    # SAM takes all of them away, AWS::LanguageExtensions among them:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
    if others := [each for each in transforms if each != SAM]:
        plain["Transform"] = others
    origins = _take_origins(plain, source)
    _order_as_written(plain, origins, source)
    return Translation(plain, origins)


def _differing(
    source: Document, parameters: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return the parameters without those that are given the value they have anyway."""
    declared = source.get("Parameters") or {}
    defaults = {name: one.get("Default") for name, one in declared.items()}
    return tuple(
        (name, value)
        for name, value in sorted(parameters.items())
        if defaults.get(name) != value
    )


def _mark_origins(template: dict[str, Any]) -> None:
    """Leave each resource's name in its metadata, which SAM hands on."""
    for logical_id, resource in template["Resources"].items():
        if isinstance(resource, dict):
            metadata = resource.setdefault("Metadata", {})
            if isinstance(metadata, dict):
                metadata[_ORIGIN] = logical_id


def _take_origins(template: dict[str, Any], source: Document) -> dict[str, str]:
    origins = {}
    for logical_id, resource in template["Resources"].items():
        metadata = resource.get("Metadata")
        marked = metadata.pop(_ORIGIN, None) if isinstance(metadata, dict) else None
        origins[logical_id] = marked or _closest(logical_id, source)
        if not metadata:
            resource.pop("Metadata", None)
    return origins


def _order_as_written(
    template: dict[str, Any], origins: Mapping[str, str], source: Document
) -> None:
    """Undo the order of a Python 2 dict, which the translator imitates."""
    rank = {name: place for place, name in enumerate(source["Resources"])}
    names = sorted(origins, key=lambda name: rank.get(origins[name], len(rank)))
    template["Resources"] = {name: template["Resources"][name] for name in names}


def _closest(logical_id: str, source: Document) -> str:
    """Return the resource whose name starts ``logical_id``; else ``logical_id``.

    For what SAM makes of several resources at once: implicit APIs, CodeDeploy.
    """
    names = [name for name in source["Resources"] if logical_id.startswith(name)]
    return max(names, key=len, default=logical_id)


def _explain(source: Document, error: InvalidDocumentException) -> str:
    lines = []
    for cause in error.causes:
        text = " ".join(cause.message.split())
        named = re.search(r"id \[(\w+)\]", text)
        path = ("Resources", named[1]) if named else ()
        line, column = source.position(*path)
        lines.append(f"{source.path}:{line}:{column}: {text}")
    return "\n".join(sorted(lines))


# Of a template's scenarios many are the same, and translating takes ten milliseconds.
@lru_cache(maxsize=32)
def _translated(text: str, parameters: tuple[tuple[str, str], ...], region: str) -> str:
    """Translate JSON to JSON, of which each caller makes data of its own.

    Raises:
        InvalidDocumentException: SAM rejects the template.
        AttributeError, KeyError, TypeError, ValueError: it has a shape that the
            translator did not foresee.
    """
    with _LOCK, _quiet():
        return json.dumps(_run(json.loads(text), dict(parameters), region))


def _run(
    template: dict[str, Any], parameters: dict[str, str], region: str
) -> dict[str, Any]:
    to_py27_compatible_template(template, parameters)
    client = cast("BaseClient", _OfflineRepository())  # all of it that is used
    repository = ServerlessAppPlugin(client, parameters=parameters)
    session = _session(region)
    sam = translator.Translator({}, Parser(), [repository], boto_session=session)
    made = sam.translate(template, parameters, passthrough_metadata=True)
    plain: dict[str, Any] = undo_mark_unicode_str_in_template(made)
    return plain


@cache
def _session(region: str) -> boto3.Session:
    """Return a session that is asked for its region only; making one is slow."""
    return boto3.Session(region_name=region)


class _OfflineRepository:
    """Answers for the Serverless Application Repository: every application exists."""

    def create_cloud_formation_template(self, **request: str) -> dict[str, str]:
        return {
            "ApplicationId": request["ApplicationId"],
            "Status": "ACTIVE",
            "TemplateId": "placeholder",
            "TemplateUrl": "https://artefacts.s3.amazonaws.com/application.yaml",
        }


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the translator: its warnings are about its own feature toggles."""
    logger = logging.getLogger("samtranslator")
    handler, propagate = logging.NullHandler(), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = propagate
        logger.removeHandler(handler)
