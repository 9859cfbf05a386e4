"""``sam-harness up``: any SAM template runs on this machine until Ctrl-C.

The folder of the template is the project. A project that says nothing of the harness
has its cache with the user's other caches: code is often taken from the whole folder.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from sam_harness import project, runtimes
from sam_harness.deploying import needs
from sam_harness.deploying.needs import Offer
from sam_harness.emulator import choice
from sam_harness.emulator.choice import LocalStack
from sam_harness.emulator.emulator import DEFAULT_ACCOUNT, REGION, Emulator
from sam_harness.emulator.environment import ON_DEMAND, SERVICES
from sam_harness.errors import HarnessError
from sam_harness.live import staying
from sam_harness.live.addresses import lines
from sam_harness.live.started import started
from sam_harness.packaging.build import build
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
    add("--stack-name", default=NAME, help=f"default: {NAME}")
    add(
        "--emulator", default=choice.EMBEDDED,
        choices=[choice.EMBEDDED, choice.CONTAINER, choice.AUTO],
        help="how LocalStack is started; default: as a process, without Docker",
    )  # fmt: skip
    add(
        "--port", type=staying.port,
        help=f"LocalStack's port; default: {staying.PORT}, or a free one if that is "
        "taken; a container always takes a free one",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Run until interrupted; returns 0 when that was Ctrl-C."""
    staying.end_by_signals()
    say = _progress()
    document = load(options.template)
    project.work_on(document.path.parent, {"cache": str(_users_cache())})
    parameters, ssm = assignments(options.parameter), assignments(options.ssm, "--ssm")
    instead = options.runtime_instead
    offer = Offer({*SERVICES, *ON_DEMAND}, ssm, instead)
    place = Place(DEFAULT_ACCOUNT, REGION, "aws", options.stack_name)
    wanted = needs.runtimes_of(document, parameters, place, offer)
    others = sorted(wanted - {runtimes.OWN})
    pythons = [runtimes.python_of(name) for name in others]
    localstack = _localstack(options, others, say)
    make = partial(build, options.template, say, instead=instead, pythons=pythons)
    prepare = partial(_with_ssm, parameters, ssm)
    with started(localstack, options.stack_name, make, prepare, say) as service:
        for line in lines(localstack.emulator, service.stack):
            print(line)
        if instead:
            print(f"not provable here: what other runtimes than {instead} do")
        staying.until_interrupted(partial(staying.still_runs, localstack))
    return 0


def _localstack(
    options: argparse.Namespace, others: list[str], say: Callable[[str], None]
) -> LocalStack:
    chosen = choice.choose(
        options.emulator, say, container=choice.container_is_possible
    )
    if chosen.mode == choice.CONTAINER:
        if others:
            raise HarnessError(
                f"LocalStack's container has {runtimes.OWN} only, and functions have "
                f"{', '.join(others)}: say --emulator embedded, or --runtime-instead "
                f"{runtimes.OWN}"
            )
        return choice.container(say)
    log = project.current().cache / "up" / f"{options.stack_name}-{os.getpid()}.log"
    return choice.embedded(
        say,
        also_runs=others,
        log_path=log,
        port=options.port or staying.usual_port(say),
    )


def _with_ssm(
    parameters: Mapping[str, str], ssm: Mapping[str, str], emulator: Emulator
) -> Mapping[str, str]:
    client = emulator.session().client("ssm") if ssm else None
    for name, value in ssm.items():
        assert client
        client.put_parameter(Name=name, Value=value, Type="String")
    return parameters


def _users_cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "sam-harness"


def _progress() -> Callable[[str], None]:
    began = time.monotonic()

    def say(text: str) -> None:
        elapsed_s = time.monotonic() - began
        print(f"{elapsed_s:5.1f} s  {text}", file=sys.stderr, flush=True)

    return say
