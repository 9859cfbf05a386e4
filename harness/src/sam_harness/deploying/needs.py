"""What a template needs of the emulator, and what of it cannot be had: before a build.

What is refused here would fail later, after the build or in a function, with the name
of a consequence.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sam_harness.emulator import unproven
from sam_harness.environments import OWN, RUNTIMES
from sam_harness.errors import HarnessError
from sam_harness.iam.request import text
from sam_harness.packaging import sources
from sam_harness.template.document import Document
from sam_harness.template.names import Place
from sam_harness.template.resolver import Resolver, UnresolvableError
from sam_harness.template.sam import translate
from sam_harness.template.uploads import LOCAL_PROPERTIES
from sam_harness.template.values import values_of

_SSM = re.compile(r"\{\{resolve:ssm(?:-secure)?:([^:}]+)")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the emulator has, and what a user gave beside the template's parameters.

    ``services``: their names. ``ssm``: the names of SSM's parameters. ``instead``: the
    runtime of every Python function. ``allowed``: what the emulator may drop.
    """

    services: Collection[str]
    ssm: Collection[str] = ()
    instead: str = ""
    allowed: Collection[str] = ()


def runtimes_of(
    document: Document, parameters: Mapping[str, str], place: Place, offer: Offer
) -> set[str]:
    """Return the Python runtimes that the functions of a template have.

    Raises:
        HarnessError: something that the template needs cannot be had; one line for
            each, with its place and what to do.
    """
    declared = document.get("Parameters") or {}
    open_ = [name for name in declared if "Default" not in declared[name]]
    if missing := [name for name in open_ if name not in parameters]:
        told = " ".join(f"--parameter {name}=VALUE" for name in missing)
        raise HarnessError(f"{document.path}: parameters without a default: say {told}")
    found: set[str] = set()
    wrong = list(_lacks(document, parameters, place, offer, found))
    for inner in sources.nested(document):
        names = (inner.get("Parameters") or {}).items()
        values = {name: _any_of(one) for name, one in names}
        wrong += _lacks(inner, values, place, offer, found)
    if wrong:
        raise HarnessError("\n".join(dict.fromkeys(wrong)))
    return {offer.instead} if found and offer.instead else found


def _any_of(declared: Mapping[str, Any]) -> str:
    """Return a value of a nested stack's parameter: it may come from a resource."""
    is_one = declared.get("Type") in {"String", "Number"}
    [first, *_] = declared.get("AllowedValues") or ["1" if is_one else "1,1,1,1,1,1"]
    return text(declared.get("Default", first))


def _lacks(
    document: Document,
    parameters: Mapping[str, str],
    place: Place,
    offer: Offer,
    found: set[str],
) -> Iterator[str]:
    """Yield what one template cannot have; add its runtimes to ``found``."""

    def at(reason: str, *path: str) -> str:
        line = document.position(*path).line
        return f"{document.path}:{line}: {path[1]}: {reason}"

    for name, resource in document["Resources"].items():
        yield from (at(why, "Resources", name) for why in _elsewhere(resource))
    values = values_of(document, parameters)
    # Those of the parameters are named by themselves.
    named = {*offer.ssm, *_SSM.findall(str(values))}
    for name, value in values.items():
        yield from (at(why, "Parameters", name) for why in _ssm(value, offer.ssm))
    translation = translate(document, parameters, region=place.region)
    try:
        resolved = Resolver(translation.template, parameters, place).template()
    except UnresolvableError as error:
        section, name = error.path
        yield at(str(error), section, translation.origins.get(name, name))
        return
    for name, resource in resolved["Resources"].items():
        given = offer.allowed if name not in offer.allowed else [resource["Type"]]
        why = unproven.refusal(resource["Type"], offer.services, given)
        reasons = [why] if why else []
        reasons += _ssm(resource, named)
        if resource["Type"] == "AWS::Lambda::Function":
            reasons += _function(resource.get("Properties", {}), place, offer, found)
        origin = translation.origins[name]
        yield from (at(why, "Resources", origin) for why in reasons)


def _elsewhere(resource: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a resource names that is not on this machine."""
    name = LOCAL_PROPERTIES.get(resource.get("Type", ""), "")
    match resource.get("Properties", {}).get(name):
        case str(uri) if not uri.startswith(("s3://", "http://", "https://")):
            return
        case str() | {"ApplicationId": _} | {"Bucket": _} | {"S3Bucket": _}:
            yield (
                f"its {name} is not on this machine, and nothing is downloaded here: "
                "name a local file or directory"
            )


def _function(
    properties: Mapping[str, Any], place: Place, offer: Offer, found: set[str]
) -> Iterator[str]:
    runtime = properties.get("Runtime", "")
    if properties.get("PackageType") == "Image":
        yield "its code is a container image: only zip archives are run here"
    elif runtime in RUNTIMES or (runtime.startswith("python") and offer.instead):
        found.add(runtime)
    else:
        otherwise = f"; --runtime-instead {OWN} runs it on that"
        yield (
            f"runtime {runtime} cannot be run here, only {', '.join(RUNTIMES)}"
            f"{otherwise if runtime.startswith('python') else ''}"
        )
    for arn in properties.get("Layers", []):
        is_own = str(arn).split(":")[4:5] in ([], [place.account_id])
        if not is_own:
            yield (
                f"layer {arn} is another account's and cannot be fetched: add what it "
                "holds to the function's requirements.txt and leave it out, or put an "
                "AWS::Serverless::LayerVersion with that in its place. Just leave it "
                "out if it has extensions only, as LambdaInsights does"
            )


def _ssm(value: object, given: Collection[str]) -> Iterator[str]:
    for name in dict.fromkeys(_SSM.findall(json.dumps(value))):
        if name not in given:
            yield f"SSM's parameter {name} is not here: say --ssm {name}=VALUE"
