"""``sam-harness up``: any SAM template runs on this machine until Ctrl-C.

The folder of the template is the project. A project that says nothing of the harness
has its cache with the user's other caches: code is often taken from the whole folder.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sam_harness import project
from sam_harness.deploying import needs
from sam_harness.deploying.deploy import Deployer
from sam_harness.deploying.stack import DeployedStack, with_nested
from sam_harness.emulator import gate_client, init_check, unproven
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.emulator.emulator import DEFAULT_ACCOUNT, REGION, Emulator
from sam_harness.emulator.environment import ON_DEMAND, SERVICES
from sam_harness.environments import OWN, RUNTIMES, python_for
from sam_harness.errors import HarnessError
from sam_harness.live import staying
from sam_harness.live.instead import running_on, said_of
from sam_harness.packaging.build import Artefact, build
from sam_harness.template import lint
from sam_harness.template.document import Document, load
from sam_harness.template.names import Place
from sam_harness.template.values import add_repeated, assignments

NAME = "up"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.description = (
        "Build a SAM template, deploy it to a LocalStack of its own and keep it "
        "running until Ctrl-C. No Docker and no AWS account is needed."
    )
    parser.add_argument("template", type=Path)
    of_ssm = "a parameter of SSM's that the template refers to"
    add_repeated(parser, "--parameter", "KEY=VALUE", "a parameter of the template")
    add_repeated(parser, "--ssm", "NAME=VALUE", of_ssm)
    parser.add_argument(
        "--runtime-instead", default="", metavar="RUNTIME", choices=RUNTIMES,
        help="run every Python function on this runtime, such as python3.13",
    )  # fmt: skip
    dropped = (
        "a type, a Type.Property or a logical id that the emulator may drop, or a "
        "function that need not start, besides allow-unproven of pyproject.toml"
    )
    add_repeated(parser, "--allow-unproven", "NAME", dropped)
    staying.add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Run until interrupted; returns 0 when that was Ctrl-C."""
    staying.end_by_signals()

    def say(text: str) -> None:  # in one piece: the build speaks beside the start
        sys.stderr.write(f"{text}\n")

    document = load(options.template)
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    project.work_on(document.path.parent, {"cache": str(caches / "sam-harness")})
    parameters, ssm = assignments(options.parameter), assignments(options.ssm, "--ssm")
    instead = options.runtime_instead
    allowed = {*options.allow_unproven, *project.current().allow_unproven}
    offer = needs.Offer({*SERVICES, *ON_DEMAND}, ssm, instead, allowed)
    others = _interpreters(document, parameters, offer)
    home = project.current().cache
    localstack = EmbeddedLocalStack(
        port=options.port or staying.usual_port(say),
        also_runs=others,
        log_path=home / "up" / f"{os.getpid()}.log",
        on_progress=say,
    )
    template = running_on(document, instead, home) if instead else document.path

    def prepare(emulator: Emulator) -> Mapping[str, str]:
        unproven.allow(emulator.endpoint_url, options.allow_unproven)
        client = emulator.session().client("ssm")
        for name, value in ssm.items():
            client.put_parameter(Name=name, Value=value, Type="String")
        return parameters

    lint.begin(document.path)
    make = partial(_built, document, template, say, compiles=not others)
    with started(localstack, NAME, make, prepare, allowed) as service:
        for line in _addresses(localstack.emulator, service.stack, service.failed):
            print(line)
        for line in _not_provable(localstack.emulator, instead):
            print(f"not provable  {line}")
        staying.until_interrupted(partial(staying.still_runs, localstack))
    return 0


def _interpreters(
    document: Document, parameters: Mapping[str, str], offer: needs.Offer
) -> list[str]:
    """Return the runtimes besides our own; SAM finds there what it builds with."""
    place = Place(DEFAULT_ACCOUNT, REGION, "aws", NAME)
    others = sorted(needs.runtimes_of(document, parameters, place, offer) - {OWN})
    paths = [str(python_for(name).parent) for name in others]
    os.environ["PATH"] = os.pathsep.join([*paths, os.environ.get("PATH", os.defpath)])
    return others


def _built(
    document: Document, template: Path, say: Callable[[str], None], *, compiles: bool
) -> Artefact:
    try:
        made = build(template, say, compiles=compiles)
    except HarnessError as error:
        raise type(error)(said_of(document, str(error))) from error
    return replace(made, source=document.path)  # the lines are its own


@dataclass(frozen=True, slots=True)
class Started:
    """A stack, what it was deployed from, and by what.

    ``failed``: logical id -> how a function that is excused fails to start.
    """

    artefact: Artefact
    parameters: Mapping[str, str]
    deployer: Deployer
    stack: DeployedStack
    failed: Mapping[str, str]


@contextmanager
def started(
    localstack: EmbeddedLocalStack,
    name: str,
    make: Callable[[], Artefact],
    prepare: Callable[[Emulator], Mapping[str, str]],
    excused: Collection[str] = (),
) -> Iterator[Started]:
    """Run the stack ``name``; everything is stopped and removed when the block ends.

    ``make`` makes the artefact while LocalStack starts. ``prepare`` makes there what
    the stack finds, and returns the stack's parameters. ``excused``: the logical ids of
    functions that need not start.

    Raises:
        HarnessError: LocalStack, the build or the deployment failed, or a function
            does not start.
    """
    with ThreadPoolExecutor(1) as pool:
        # The build needs no LocalStack: both take seconds, so they share them.
        building = pool.submit(make)
        with localstack:
            emulator = localstack.emulator
            parameters = prepare(emulator)
            artefact = building.result()
            localstack.on_progress("deploying the stack")
            began = time.monotonic()
            deployer = Deployer(emulator.session(), DEFAULT_ACCOUNT)
            stack = deployer.deploy(artefact, name, parameters)
            failed = _failures(emulator, stack, excused)
            took_s = time.monotonic() - began
            localstack.on_progress(f"stack {name} deployed in {took_s:.1f} s")
            yield Started(artefact, parameters, deployer, stack, failed)
            gate_client.check_health(emulator.endpoint_url)


def _failures(
    emulator: Emulator, stack: DeployedStack, excused: Collection[str]
) -> dict[str, str]:
    """Start every function; return how those fail that are excused."""
    session = emulator.session()
    functions = {
        f"{path}{logical_id}": name
        for path, each in with_nested(session.client("cloudformation"), stack)
        for logical_id, name in each.functions.items()
    }
    failed = init_check.failures(session.client("lambda"), functions)
    wrong = [
        said
        for one, said in failed.items()
        if one.rpartition("/")[2] not in excused  # a nested stack's has its path
    ]
    if wrong:
        raise HarnessError(
            "\n".join([*wrong, "--allow-unproven NAME goes on without a function"])
        )
    return failed


def _not_provable(emulator: Emulator, instead: str) -> Iterator[str]:
    yield from unproven.lines(emulator.endpoint_url, DEFAULT_ACCOUNT)
    if instead:
        yield f"what other runtimes than {instead} do"


def _addresses(
    emulator: Emulator, stack: DeployedStack, failed: Mapping[str, str]
) -> Iterator[str]:
    """Yield the stack's URLs, keys, functions and outputs, and LocalStack's log."""
    client = emulator.session().client("cloudformation")
    for path, each in with_nested(client, stack):
        for logical_id, resource in each.template["Resources"].items():
            told = _resource(emulator, resource["Type"], each.resources[logical_id])
            yield from (f"{kind:13} {path}{logical_id}: {how}" for kind, how in told)
        for logical_id, name in each.functions.items():
            if f"{path}{logical_id}" not in failed:
                yield f"function      {path}{logical_id}: {name}"
    yield from (f"not started   {said}" for said in failed.values())
    for name, value in stack.outputs.items():
        yield f"output        {name}: {emulator.url_of(value)}"
    yield f"endpoint      {emulator.endpoint_url} (any AWS SDK: AWS_ENDPOINT_URL)"
    yield f"log           {emulator.log}"


def _resource(
    emulator: Emulator, kind: str, physical_id: str
) -> Iterator[tuple[str, str]]:
    """Yield what a resource is called, and how it is called."""
    session = emulator.session()
    match kind:
        case "AWS::Lambda::Url":
            told = session.client("lambda").get_function_url_config(
                FunctionName=physical_id
            )
            url = emulator.url_of(told["FunctionUrl"])
            yield "function URL", f"{url} ({told['AuthType']})"
        case "AWS::ApiGateway::ApiKey":
            key = session.client("apigateway").get_api_key(
                apiKey=physical_id, includeValue=True
            )
            yield "API key", f"x-api-key: {key['value']}"
        case "AWS::ApiGateway::RestApi":
            client = session.client("apigateway")
            resources = client.get_resources(restApiId=physical_id, limit=500)["items"]
            for stage in client.get_stages(restApiId=physical_id)["item"]:
                url = f"{emulator.endpoint_url}/_aws/execute-api/{physical_id}"
                for resource in sorted(resources, key=lambda one: one["path"]):
                    for method in sorted(resource.get("resourceMethods", {})):
                        to = f"{url}/{stage['stageName']}{resource['path']}"
                        yield "REST API", f"{method} {to}"
