"""AWS's own translator from SAM to CloudFormation, run without a network or account."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.plugins.application.serverless_app_plugin import (
    ServerlessAppPlugin,
)
from samtranslator.translator import translator
from samtranslator.translator.arn_generator import ArnGenerator
from samtranslator.utils.py27hash_fix import (
    to_py27_compatible_template,
    undo_mark_unicode_str_in_template,
)

if TYPE_CHECKING:
    from botocore.client import BaseClient

_LOCK = threading.Lock()  # the translator keeps its region in a class attribute

# It holds nothing but SAM's policy templates, the same for everybody; reading and
# checking them takes half of every translation.
translator.make_policy_template_for_function_plugin = cache(
    translator.make_policy_template_for_function_plugin
)


# Of a template's scenarios many are the same, and translating takes ten milliseconds.
@lru_cache(maxsize=32)
def translated(text: str, parameters: tuple[tuple[str, str], ...], region: str) -> str:
    """Translate JSON to JSON: of it everybody makes something that may be changed.

    Raises:
        InvalidDocumentException: SAM rejects the template.
        AttributeError, KeyError, TypeError, ValueError: it has a shape that the
            translator did not foresee.

    """
    with _LOCK, _quiet(), _region_kept():
        return json.dumps(_run(json.loads(text), dict(parameters), region))


def _run(
    template: dict[str, Any], parameters: dict[str, str], region: str
) -> dict[str, Any]:
    to_py27_compatible_template(template, parameters)
    client = cast("BaseClient", _OfflineRepository())  # all of it that is used
    repository = ServerlessAppPlugin(client, parameters=parameters)
    session = _session(region)
    sam = translator.Translator({}, Parser(), [repository], boto_session=session)
    translated = sam.translate(template, parameters, passthrough_metadata=True)
    plain: dict[str, Any] = undo_mark_unicode_str_in_template(translated)
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


@contextmanager
def _region_kept() -> Iterator[None]:
    """Undo what the translator does to its class attribute."""
    before = ArnGenerator.BOTO_SESSION_REGION_NAME
    try:
        yield
    finally:
        ArnGenerator.BOTO_SESSION_REGION_NAME = before
