"""``tox -e second-opinion``: the integration tests against MiniStack.

MiniStack is an AWS emulator that nobody here wrote: where it and a test disagree, one
of both is wrong about AWS. What it said so far: docs/emulators.md. All goes to
``reports/second-opinion``: what MiniStack printed, and each disagreement by its reason.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen
from xml.etree import ElementTree as ET

from sam_harness import processes
from sam_harness.emulator import init_check
from sam_harness.emulator.embedded import free_port
from sam_harness.emulator.emulator import DEFAULT_ACCOUNT, LOOPBACK
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import Artefact
from sam_harness.template.document import load
from sam_harness.waiting import wait_until
from service.checkout import ROOT
from service.console import run_command
from service.parameters import IMPATIENT

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

# It deploys the template as it is, which MiniStack refuses: see `adapted`.
LEFT_OUT = ROOT / "tests" / "integration" / "watch"
REPORTS = ROOT / "reports" / "second-opinion"
# Where this is the run of a second opinion, the suite's fixtures heed what stops it.
ASKED = "SECOND_OPINION" in os.environ
# Parameters that MiniStack 1.5.33 hands on as text where a number is wanted.
NUMBERS = {"BatchSize", "MaximumConcurrency"}
# It is called without TLS, which the queues deny; batches have actions of their own.
INSTEAD = {
    '"aws:SecureTransport": "false"': '"aws:ViaAWSService": "true"',
    '"dynamodb:PartiQLUpdate"': '"dynamodb:BatchExecuteStatement"',
    '"sqs:ChangeMessageVisibility"': '"sqs:ChangeMessageVisibility*"',
}
START_TIMEOUT_S = 60
# Each of its functions' processes has a copy of the code, and all are removed.
STOP_TIMEOUT_S = 900


def main(argv: Sequence[str]) -> int:
    """Run pytest, with ``argv[1:]``, against the MiniStack at the path ``argv[0]``."""
    program, *options = argv
    REPORTS.mkdir(parents=True, exist_ok=True)
    with ministack(Path(program).absolute()) as url:
        status = subprocess.run(
            [sys.executable, "-m", "pytest", "--emulator", url, "--foreign-emulator",
             f"--junit-xml={REPORTS / 'tests.xml'}", f"--ignore={LEFT_OUT}", *options],
            env={**os.environ, "SECOND_OPINION": url}, cwd=ROOT, check=False,
        ).returncode  # fmt: skip
    _write_disagreements()
    return status


@contextmanager
def ministack(program: Path) -> Iterator[str]:
    """Yield the URL of a MiniStack that enforces IAM, on loopback only.

    Raises:
        HarnessError: it did not come up.
    """
    log, port = REPORTS / "ministack.log", free_port()
    url = f"http://{LOOPBACK}:{port}"
    scratch = Path(tempfile.mkdtemp(prefix="ministack-"))
    environment = {
        "AUTH": "true",
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "HOME": str(scratch),
        "MINISTACK_ACCOUNT_ID": DEFAULT_ACCOUNT,
        "MINISTACK_HOST": LOOPBACK,
        "PATH": f"{program.parent}:{os.defpath}",
        "TMPDIR": str(scratch),
    }
    with log.open("wb") as output:
        process = processes.start(
            [str(program)], env=environment, cwd=scratch, output=output, scratch=scratch
        )
    try:
        wait_until(
            lambda: process.has_ended or _health(url),
            bool,
            what=f"start of MiniStack, which writes to {log},",
            timeout_s=START_TIMEOUT_S,
        )
        if process.has_ended:
            raise HarnessError(f"MiniStack ended while it was starting: {log}")
        yield url
    finally:
        process.end(STOP_TIMEOUT_S)


def adapted(artefact: Artefact, directory: Path) -> Artefact:
    """Return a copy of an artefact, in ``directory``, that MiniStack can deploy.

    Else one refusal would hide all that it has to say: docs/emulators.md names these.
    """
    template = directory / artefact.template.name
    shutil.copytree(
        artefact.template.parent, directory, copy_function=os.link, dirs_exist_ok=True
    )
    document = dict(load(template))
    for resource in document["Resources"].values():
        if resource.get("Properties", {}).pop("Metrics", None):  # metric math
            one = {"Namespace": "Refunds", "MetricName": "Any", "Statistic": "Sum"}
            resource["Properties"] |= one | {"Period": 60}
        for policy in resource.get("Properties", {}).get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                if "dynamodb:PartiQLUpdate" in statement.get("Action", []):
                    statement["Resource"] = "*"  # its statements name no table to it
    resources = json.dumps(document["Resources"])
    for ours, theirs in INSTEAD.items():
        resources = resources.replace(ours, theirs)
    for name in NUMBERS:
        number = IMPATIENT.get(name) or document["Parameters"][name]["Default"]
        resources = resources.replace(json.dumps({"Ref": name}), str(number))
    template.unlink()  # a link: the original is not to change
    template.write_text(json.dumps({**document, "Resources": json.loads(resources)}))
    return replace(artefact, template=template)


def check_init(functions: "LambdaClient", names: Mapping[str, str]) -> None:
    """Check that functions start; MiniStack says the same of every handler's error."""
    if not ASKED:
        init_check.check(functions, names)


def _write_disagreements() -> None:
    """Write each reason for which tests failed, with these tests."""
    tests: defaultdict[str, list[str]] = defaultdict(list)
    results = ET.parse(REPORTS / "tests.xml")  # noqa: S314 - pytest's own
    for case in results.iter("testcase"):
        for found in (*case.iter("failure"), *case.iter("error")):
            tests[found.get("message", "").partition("\n")[0]].append(
                str(case.get("name"))
            )
    lines = (f"{why}\n  " + "\n  ".join(names) for why, names in tests.items())
    (REPORTS / "disagreements.txt").write_text("\n".join(lines) + "\n")


def _health(url: str) -> bool:
    try:
        with urlopen(f"{url}/_ministack/health", timeout=5):  # noqa: S310 - our own URL
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(run_command(main))
