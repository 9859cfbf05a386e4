"""What LocalStack is started with: its variables, our plugin, its static libraries."""

import json
import shutil
import subprocess
from collections.abc import Collection, Mapping
from importlib import metadata
from pathlib import Path

import sam_harness
from sam_harness import project
from sam_harness.cache import key_of, made_once
from sam_harness.errors import HarnessError
from sam_harness.iam import reference

# What starts LocalStack, with our plugin on its path.
MODULE = "sam_harness.localstack"
# What the IAM gate itself needs.
_OF_THE_GATE = ("iam", "sts")
# What the harness's stacks are made of, in the order in which it is loaded (see
# sam_harness.localstack.routes).
SERVICES = (
    *_OF_THE_GATE,
    "s3",
    "sqs",
    "dynamodb",
    "dynamodbstreams",
    "logs",
    "lambda",
    "apigateway",
    "cloudwatch",
    "sns",
    "events",
    "cloudformation",
)
# What other stacks use: each is loaded by its first call, and costs nothing before. Not
# among them is what LocalStack would download for (kinesis and what stands on it,
# opensearch, es, transcribe). It refuses calls to any other service.
ON_DEMAND = (
    "acm",
    "ec2",
    "kms",
    "resource-groups",
    "resourcegroupstaggingapi",
    "route53",
    "s3control",
    "scheduler",
    "secretsmanager",
    "ses",
    "ssm",
    "stepfunctions",
)
PACKAGE = Path(sam_harness.__file__).parent
# What runs inside LocalStack; changes of anything else need no new image.
ROOMS = ("localstack", "iam")
MODULES = ("__init__.py", "errors.py", "processes.py", "root.py")
STATIC_LIBRARIES = Path("usr/lib/localstack")


def common(
    *, listen: str, reachable_at: str, services: Collection[str] = SERVICES
) -> dict[str, str]:
    """Return what makes LocalStack ours; ``listen`` and ``reachable_at``: host:port."""
    wanted = ",".join(dict.fromkeys([*_OF_THE_GATE, *services]))
    return {
        "GATEWAY_LISTEN": listen,
        "LOCALSTACK_HOST": reachable_at,
        "SERVICES": ",".join([wanted, *ON_DEMAND]),
        "HARNESS_PRELOAD": wanted,
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        # One heap of the C library for all threads, or each keeps what it freed.
        "MALLOC_ARENA_MAX": "1",
        "PROVIDER_OVERRIDE_CLOUDWATCH": "own",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
        "PROVIDER_OVERRIDE_DYNAMODBSTREAMS": "moto",
        "PROVIDER_OVERRIDE_LAMBDA": "own",
        "PROVIDER_OVERRIDE_LOGS": "own",
        "PROVIDER_OVERRIDE_S3": "own",
        "PROVIDER_OVERRIDE_SQS": "own",
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


def lambda_runtimes(pythons: Mapping[str, str]) -> dict[str, str]:
    """Return the variable that tells our executor the interpreter of each runtime."""
    return {"HARNESS_LAMBDA_RUNTIMES": json.dumps(pythons)}


def plugin_site() -> Path:
    """Return a directory for PYTHONPATH with our plugin: this code itself, no copy.

    The directory's name follows from what it holds: LocalStack keeps an index of the
    entry points per path, and a new path for each start would cost it 0.4 s.
    """

    def make(site: Path) -> None:
        site.mkdir()
        (site / PACKAGE.name).symlink_to(PACKAGE)
        _describe(site)

    known = Path(reference.__file__).read_bytes(), metadata.version("policy_sentry")
    key = key_of(str(PACKAGE), _told("entry_points.txt"), *known)
    return made_once(project.current().cache / "plugin" / key, make)


def copy_plugin_to(site: Path) -> None:
    """Copy the plugin to ``site``, for a container image."""
    copy = site / PACKAGE.name
    copy.mkdir()
    for module in MODULES:
        shutil.copy(PACKAGE / module, copy)
    for room in ROOMS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PACKAGE / room, copy / room, ignore=ignored)
    _describe(site)


def _describe(site: Path) -> None:
    """Have LocalStack find the entry points of the installed distribution.

    And the gate what AWS's service authorization reference says.
    """
    reference.write(site)
    information = site / "sam_harness.dist-info"
    information.mkdir()
    for name in ("METADATA", "entry_points.txt"):
        (information / name).write_text(_told(name), encoding="utf-8")


def _told(name: str) -> str:
    told = metadata.distribution("sam-harness").read_text(name)
    if told is None:
        raise HarnessError(
            f"sam-harness is installed without its {name}: again, please"
        )
    return told


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
