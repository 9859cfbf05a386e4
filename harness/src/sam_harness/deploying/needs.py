"""What a template needs of the emulator, and what of it cannot be had: before a build.

What is refused here would fail later, after the build or in a function, with the name
of a consequence.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sam_harness.errors import HarnessError
from sam_harness.packaging import sources
from sam_harness.runtimes import OWN, RUNTIMES
from sam_harness.template.document import Document
from sam_harness.template.names import Place
from sam_harness.template.resolver import Resolver
from sam_harness.template.sam import translate
from sam_harness.template.uploads import LOCAL_PROPERTIES
from sam_harness.template.values import values_of

_SSM = re.compile(r"\{\{resolve:ssm(?:-secure)?:([^:}]+)")
# Where CloudFormation and the emulator have two names for a service.
_SERVICES = {
    "certificatemanager": "acm",
    "resourcegroups": "resource-groups",
}
# What is no service's, or is run by CloudFormation itself.
_OF_CLOUDFORMATION = {"cdk", "cloudformation"}


@dataclass(frozen=True, slots=True)
class Given:
    """What a user gave: values by SSM name, layers by ARN, a runtime for the others."""

    parameters: Mapping[str, str]
    ssm: Collection[str] = ()
    layers: Collection[str] = ()
    instead: str = ""


def runtimes_of(
    document: Document, given: Given, place: Place, services: Collection[str]
) -> set[str]:
    """Return the Python runtimes that the functions of a template have.

    ``services``: what the emulator offers.

    Raises:
        HarnessError: something that the template needs cannot be had; one line for
            each, with its place and what to do.

    """
    _check_parameters(document, given)
    found: set[str] = set()
    wrong = list(_seen(document, given, given.parameters, place, services, found))
    for inner in sources.nested(document):
        # Its parameters may come from resources of the outer one: any value serves.
        values = {
            name: str(one.get("Default", "value"))
            for name, one in (inner.get("Parameters") or {}).items()
        }
        wrong += _seen(inner, given, values, place, services, found)
    if wrong:
        raise HarnessError("\n".join(dict.fromkeys(wrong)))
    return {given.instead} if found and given.instead else found


def _check_parameters(document: Document, given: Given) -> None:
    declared = document.get("Parameters") or {}
    missing = [
        name
        for name, one in declared.items()
        if "Default" not in one and name not in given.parameters
    ]
    if missing:
        told = " ".join(f"--parameter {name}=VALUE" for name in missing)
        raise HarnessError(f"{document.path}: parameters without a default: say {told}")


def _seen(  # noqa: PLR0913, PLR0917 - a step of runtimes_of(), which has them all
    document: Document,
    given: Given,
    parameters: Mapping[str, str],
    place: Place,
    services: Collection[str],
    found: set[str],
) -> Iterator[str]:
    """Add the runtimes of one template to ``found``; yield what cannot be had."""
    yield from _elsewhere(document)
    translation = translate(document, parameters, region=place.region)
    resolver = Resolver(translation.template, parameters, place)
    resources = resolver.template()["Resources"]
    for name in values_of(document, parameters):
        value = resolver.value({"Ref": name})
        for reason in _ssm(value, given.ssm):
            line = document.position("Parameters", name).line
            yield f"{document.path}:{line}: {name}: {reason}"
    for logical_id, resource in resources.items():
        origin = translation.origins[logical_id]
        reasons = [
            *_service(resource["Type"], services),
            *_ssm(resource, given.ssm),
        ]
        if resource["Type"] == "AWS::Lambda::Function":
            properties = resource.get("Properties", {})
            reasons += _runtime(properties, given.instead, found)
            reasons += _layers(properties, given.layers, place)
        for reason in reasons:
            yield _at(document, origin, reason)


def _at(document: Document, logical_id: str, reason: str) -> str:
    line = document.position("Resources", logical_id).line
    return f"{document.path}:{line}: {logical_id}: {reason}"


def _elsewhere(document: Document) -> Iterator[str]:
    """Yield what is named and is not on this machine."""
    for logical_id, resource in document["Resources"].items():
        name = LOCAL_PROPERTIES.get(resource.get("Type"), "")
        match resource.get("Properties", {}).get(name):
            case {"ApplicationId": _}:
                yield _at(
                    document,
                    logical_id,
                    "an application of the Serverless Application Repository: nothing "
                    "is downloaded here; nest its template as a local file",
                )
            case str(uri) if uri.startswith(("s3://", "http://", "https://")):
                yield _at(
                    document,
                    logical_id,
                    f"{name} {uri} is not on this machine, and nothing is downloaded "
                    "here: name a local file or directory",
                )
            case {"Bucket": _} | {"S3Bucket": _}:
                yield _at(
                    document,
                    logical_id,
                    f"{name} is in a bucket, not on this machine: name a local file "
                    "or directory",
                )


def _service(kind: str, services: Collection[str]) -> Iterator[str]:
    owner, _, rest = kind.partition("::")
    name = rest.partition("::")[0].lower()
    is_known = name in _OF_CLOUDFORMATION or _SERVICES.get(name, name) in services
    if owner == "AWS" and not is_known:
        yield f"{kind}: the emulator has no service {name}"


def _runtime(
    properties: Mapping[str, Any], instead: str, found: set[str]
) -> Iterator[str]:
    if properties.get("PackageType") == "Image":
        yield "its code is a container image: only zip archives are run here"
        return
    runtime = str(properties.get("Runtime"))
    if not runtime.startswith("python"):
        yield f"runtime {runtime} cannot be run here: only {', '.join(RUNTIMES)}"
    elif runtime not in RUNTIMES and not instead:
        yield (
            f"runtime {runtime} cannot be run here, only {', '.join(RUNTIMES)}: "
            f"--runtime-instead {OWN} runs it on that"
        )
    else:
        found.add(runtime)


def _layers(
    properties: Mapping[str, Any], given: Collection[str], place: Place
) -> Iterator[str]:
    for arn in properties.get("Layers", []):
        parts = str(arn).split(":")
        is_public = len(parts) > 4 and parts[4] != place.account_id
        if is_public and arn not in given:
            yield (
                f"layer {arn} is in an account of AWS and cannot be fetched: add what "
                "it holds to the function's requirements.txt and leave it out, or say "
                f"--layer {arn}=FOLDER with what it unpacks to (FOLDER/python/...)"
            )


def _ssm(resource: object, given: Collection[str]) -> Iterator[str]:
    match resource:
        case dict():
            for value in resource.values():
                yield from _ssm(value, given)
        case list():
            for value in resource:
                yield from _ssm(value, given)
        case str():
            for name in _SSM.findall(resource):
                if name not in given:
                    yield (
                        f"the SSM parameter {name} is in an account of AWS: say "
                        f"--ssm {name}=VALUE"
                    )
