"""``sam-harness up``: any SAM template runs on this machine until Ctrl-C.

The folder of the template is the project. A project that says nothing of the harness
has its cache with the user's other caches: code is often taken from the whole folder.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from sam_harness import project, runtimes
from sam_harness.deploying import needs
from sam_harness.emulator import unproven
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.emulator.emulator import DEFAULT_ACCOUNT, REGION, Emulator
from sam_harness.emulator.environment import ON_DEMAND, SERVICES
from sam_harness.live import staying
from sam_harness.live.addresses import lines
from sam_harness.live.started import started
from sam_harness.packaging.build import Artefact, build
from sam_harness.packaging.instead import running_on
from sam_harness.template import lint
from sam_harness.template.document import load
from sam_harness.template.names import Place
from sam_harness.template.values import assignments

NAME = "up"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.description = (
        "Build a SAM template, deploy it to a LocalStack of its own and keep it "
        "running until Ctrl-C. No Docker and no AWS account is needed."
    )
    add = parser.add_argument
    add("template", type=Path)
    add(
        "--parameter", action="append", default=[], metavar="KEY=VALUE",
        help="a parameter of the template; may be repeated",
    )  # fmt: skip
    add(
        "--ssm", action="append", default=[], metavar="NAME=VALUE",
        help="a parameter of SSM's that the template refers to; may be repeated",
    )  # fmt: skip
    add(
        "--runtime-instead", default="", metavar="RUNTIME", choices=runtimes.RUNTIMES,
        help="run every Python function on this runtime, such as python3.13",
    )  # fmt: skip
    add(
        "--allow-unproven", action="append", default=[], metavar="NAME",
        help="a type, a Type.Property or a logical id that the emulator may drop, "
        "besides allow-unproven of pyproject.toml; may be repeated",
    )  # fmt: skip
    staying.add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Run until interrupted; returns 0 when that was Ctrl-C."""
    staying.end_by_signals()
    say = partial(print, file=sys.stderr, flush=True)
    document = load(options.template)
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    project.work_on(document.path.parent, {"cache": str(caches / "sam-harness")})
    parameters, ssm = assignments(options.parameter), assignments(options.ssm, "--ssm")
    instead = options.runtime_instead
    allowed = {*options.allow_unproven, *project.current().allow_unproven}
    wanted = needs.runtimes_of(
        document,
        parameters,
        Place(DEFAULT_ACCOUNT, REGION, "aws", NAME),
        needs.Offer({*SERVICES, *ON_DEMAND}, ssm, instead, allowed),
    )
    others = sorted(wanted - {runtimes.OWN})
    # SAM finds there what it builds with.
    paths = [str(runtimes.python_of(name).parent) for name in others]
    os.environ["PATH"] = os.pathsep.join([*paths, os.environ.get("PATH", os.defpath)])
    cache = project.current().cache
    localstack = EmbeddedLocalStack(
        port=options.port or staying.usual_port(say),
        also_runs=others,
        log_path=cache / "up" / f"{os.getpid()}.log",
        on_progress=say,
    )
    template = running_on(document, instead, cache) if instead else document.path

    def make() -> Artefact:
        made = build(template, say, compiles=not others)
        return replace(made, source=document.path)  # the lines are its own

    prepare = partial(_prepared, parameters, ssm, options.allow_unproven)
    lint.begin(document.path)
    with started(localstack, NAME, make, prepare, say) as service:
        for line in lines(localstack.emulator, service.stack):
            print(line)
        for line in _not_provable(localstack.emulator, instead):
            print(f"not provable  {line}")
        staying.until_interrupted(partial(staying.still_runs, localstack))
    return 0


def _prepared(
    parameters: Mapping[str, str],
    ssm: Mapping[str, str],
    allowed: list[str],
    emulator: Emulator,
) -> Mapping[str, str]:
    unproven.allow(emulator.endpoint_url, allowed)
    client = emulator.session().client("ssm")
    for name, value in ssm.items():
        client.put_parameter(Name=name, Value=value, Type="String")
    return parameters


def _not_provable(emulator: Emulator, instead: str) -> Iterator[str]:
    yield from unproven.lines(emulator.endpoint_url, DEFAULT_ACCOUNT)
    if instead:
        yield f"what other runtimes than {instead} do"
