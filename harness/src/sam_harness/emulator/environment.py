"""What LocalStack is started with: its variables, our plugin, its static libraries."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

import sam_harness
from sam_harness.cache import made_once
from sam_harness.environments import CACHE
from sam_harness.errors import HarnessError

# What starts LocalStack, with our plugin on its path.
MODULE = "sam_harness.localstack"
# What the IAM gate itself needs.
_OF_THE_GATE = ("iam", "sts")
# What the harness's stacks are made of, in the order in which it is loaded (see
# sam_harness.localstack.routes). LocalStack refuses calls to any other service.
SERVICES = (
    *_OF_THE_GATE,
    "s3",
    "sqs",
    "dynamodb",
    "logs",
    "lambda",
    "apigateway",
    "cloudwatch",
    "sns",
    "cloudformation",
)
HARNESS = Path(sam_harness.__file__).parent
ENTRY_POINTS = HARNESS / "localstack" / "entry_points.txt"
# What runs inside LocalStack; changes of anything else need no new image.
PACKAGES = ("localstack", "iam")
MODULES = ("__init__.py", "errors.py", "processes.py")
METADATA = "Metadata-Version: 2.1\nName: harness-localstack\nVersion: 1\n"
STATIC_LIBRARIES = Path("usr/lib/localstack")


def common(
    *, listen: str, reachable_at: str, services: Collection[str] = SERVICES
) -> dict[str, str]:
    """Return what makes LocalStack ours; ``listen`` and ``reachable_at``: host:port."""
    wanted = ",".join(dict.fromkeys([*_OF_THE_GATE, *services]))
    return {
        "GATEWAY_LISTEN": listen,
        "LOCALSTACK_HOST": reachable_at,
        "SERVICES": wanted,
        "HARNESS_PRELOAD": wanted,
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
        "PROVIDER_OVERRIDE_S3": "own",
        # Queue URLs by path: names of hosts may not resolve.
        "SQS_ENDPOINT_STRATEGY": "path",
        "IAM_GATE": "enforce",
        # How often a mapping looks into its queue: see localstack.corrections.lambda_.
        "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.05",
        # Of a FIFO queue; the default is 10 s.
        "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "0.2",
        # Services call each other without HTTP; the gate is asked all the same.
        "IN_MEMORY_CLIENT": "1",
        # What LocalStack says of its queues is not read: several calls per message.
        "SQS_DISABLE_CLOUDWATCH_METRICS": "1",
        # Nothing leaves this machine: no telemetry, downloads, or name server.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        # Where it would ask for an operation that it has not; nothing answers there.
        "API_ENDPOINT": "http://127.0.0.1:1",
    }


def plugin_site() -> Path:
    """Return a directory for PYTHONPATH whose code is this source tree's, always.

    The directory's name follows from what it holds: LocalStack keeps an index of the
    entry points per path, and a new path for each start would cost it 0.4 s.
    """
    key = hashlib.sha256(f"{HARNESS}{ENTRY_POINTS.read_text()}".encode()).hexdigest()
    site = CACHE / "plugin" / key[:12]
    if not site.exists():
        site.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=site.parent))
        (draft / "harness").symlink_to(HARNESS)
        _describe(draft)
        try:
            os.rename(draft, site)  # noqa: PTH104 - replaces nothing that has content
        except OSError:
            shutil.rmtree(draft)  # another process was first
    return site


def copy_plugin_to(site: Path) -> None:
    """Copy the plugin to ``site``, for a container image."""
    (site / "harness").mkdir()
    for module in MODULES:
        shutil.copy(HARNESS / module, site / "harness")
    for package in PACKAGES:
        shutil.copytree(
            HARNESS / package,
            site / "harness" / package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    _describe(site)


def _describe(site: Path) -> None:
    information = site / "harness_localstack-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(METADATA)
    shutil.copy(ENTRY_POINTS, information)


def static_libraries(localstack: Path) -> Path:
    """Return the directory to use as ``<FILESYSTEM_ROOT>/usr/lib/localstack``.

    ``localstack`` is the interpreter of LocalStack's environment.
    """

    def make(root: Path) -> None:
        (root / STATIC_LIBRARIES).mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [localstack, "-m", "localstack.aws.spec"],
            env={"FILESYSTEM_ROOT": str(root), "OVERRIDE_IN_DOCKER": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            raise HarnessError(f"LocalStack cannot index its services:\n{said}")

    return (
        made_once(localstack.parents[1] / "static-libraries", make) / STATIC_LIBRARIES
    )
