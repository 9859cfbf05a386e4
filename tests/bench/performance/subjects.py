"""The subjects, as built artefacts, and how to run one in a fresh process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sam_harness.environments import python_of
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import archives
from sam_harness.packaging.build import build as build_artefact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.performance.stub import Stub

type Event = dict[str, Any]

HERE = Path(__file__).parent
OURS, PEER, FLOOR = "ours", "peer_usual", "floor"
NAMES = (OURS, PEER, FLOOR)
ROLES = ("receiver", "processor", "reader")
# The modules of the service that are loaded or changed: named here and nowhere else.
MODULES = {
    "receiver": "refunds.functions.receiver",
    "processor": "refunds.functions.processor",
    "reader": "refunds.functions.reader",
    "acceptance": "refunds.domain.acceptance",
    "aws": "refunds.adapters.aws",
    "loading": "refunds.runtime.loading",
    "telemetry": "refunds.runtime.telemetry",
}
# Sampled=0 is what most requests of a busy service carry; tracing all of them would
# cost the peer, which traces in Python, more than it costs in production.
TRACE_HEADER = "Root=1-67891233-abcdef012345678912345678;Parent=1;Sampled=0"
TIMEOUT_S = 120
WORKER = HERE / "worker.py"


@dataclass(frozen=True, slots=True)
class Subject:
    """One implementation: its code, with and without bytecode, and its handlers."""

    name: str
    code: Path
    uncompiled: Path
    zip_bytes: int
    handlers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """What a fresh process shall do: some first events, then blocks of them."""

    role: str
    first: list[Event]
    blocks: list[list[Event]] = field(default_factory=list)
    latency_ms: int = 0
    tls: bool = False
    bytecode: bool = True


def build(scratch: Path, template: Path) -> list[Subject]:
    """Return all subjects, built the same way; ``template`` is ours."""
    sources = {
        OURS: (template, "ReceiverFunction",
               [f"{MODULES[role]}.handler" for role in ROLES]),
        PEER: (HERE / "peer" / "template.yaml", "Peer",
               [f"peer_usual.{name}" for name in
                ("handle_api", "handle_queue", "handle_api")]),
        FLOOR: (HERE / "floor" / "template.yaml", "Floor",
                [f"floor.{name}" for name in
                 ("handle_post", "handle_queue", "handle_get")]),
    }  # fmt: skip
    subjects = []
    for name, (source, logical_id, handlers) in sources.items():
        artefact = build_artefact(source)
        code = artefact.code_of(logical_id)
        # A copy: a build elsewhere may remove old artefacts from the cache.
        kept = shutil.copytree(code, scratch / name)
        uncompiled = shutil.copytree(
            code, scratch / f"{name}-source", ignore=_without_bytecode
        )
        size = archives(artefact)[logical_id].stat().st_size
        named = dict(zip(ROLES, handlers, strict=True))
        subjects.append(Subject(name, kept, uncompiled, size, named))
    return subjects


def _without_bytecode(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name == "__pycache__"}


def run(
    subject: Subject, job: Job, stub: Stub, scratch: Path, worker: Path = WORKER
) -> dict[str, Any]:
    """Run a job in a fresh process; return what the worker measured.

    Raises:
        HarnessError: the process failed; holds what it said.
    """
    result = scratch / f"{uuid4()}.json"
    asked = {
        "handler": subject.handlers[job.role],
        "first": job.first,
        "blocks": job.blocks,
        "result": str(result),
        "modules": MODULES,
    }
    code = subject.code if job.bytecode else subject.uncompiled
    done = subprocess.run(
        # -P: this folder is not the handler's; -B: on AWS the code is read-only.
        [python_of("lambda-runtime"), "-P", "-B", str(worker)],
        env=_environment(code, job, stub), input=json.dumps(asked), text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=TIMEOUT_S,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise HarnessError(f"{subject.name} {job.role} failed:\n{done.stderr}")
    measured: dict[str, Any] = json.loads(result.read_text())
    result.unlink()
    return measured


def _environment(code: Path, job: Job, stub: Stub) -> dict[str, str]:
    """Return all that the process sees, as Lambda and template.yaml would set it."""
    aws = stub.tls if job.tls else stub.plain[job.latency_ms]
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": str(code),
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_SESSION_TOKEN": "bench" * 100,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CA_BUNDLE": str(stub.ca_bundle),
        "AWS_ENDPOINT_URL_DYNAMODB": aws,
        "AWS_ENDPOINT_URL_SQS": aws,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
        "LAMBDA_TASK_ROOT": str(code),
        "_X_AMZN_TRACE_ID": TRACE_HEADER,
        "STAGE": "test",
        "POWERTOOLS_SERVICE_NAME": "refunds",
        "POWERTOOLS_METRICS_NAMESPACE": "Refunds",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "TABLE_NAME": "refund-table",
        "QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/refund-queue",
        "ORDER_INDEX_NAME": "GSI1",
        "DECISION_LIMIT": "1000",
        "GATEWAY_URL": stub.plain[job.latency_ms],
        "GATEWAY_CONNECT_TIMEOUT_S": "1",
        "GATEWAY_READ_TIMEOUT_S": "4",
        "GATEWAY_PAUSE_S": "10",
        "LONGEST_RETRY_S": "120",
        "GATEWAY_SECRET_ARN": "",
        "GATEWAY_KEY_RETENTION_HOURS": "24",
        "GATEWAY_LOOK_UP": "true",
        "RETENTION_DAYS": "0",
        "CURRENCY": "EUR",
        "CURRENCY_DECIMALS": "2",
    }
