"""``tox -e smoke -- --stack NAME``: runs .github/smoke.sh against a deployed stage."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3

from sam_harness.errors import said_plainly
from service.checkout import ROOT
from service.client import RefundClient
from service.console import run_command
from service.deployed import RefundService, find_stage

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_sqs import SQSClient

# The script's status where all is well but a decision, which is late.
UNDECIDED = 3
# Ten Processors take as many at once: with fewer before it a message waits for seconds.
BACKLOG = 100
SCRIPT = ROOT / ".github" / "smoke.sh"


def main(argv: Sequence[str]) -> int:
    """Return the script's exit status; it gets the API key in its environment only."""
    parser = argparse.ArgumentParser(
        prog="python -m service.smoke",
        description="Find a stage by its stack's name and run .github/smoke.sh "
        "against it. AWS credentials, region and AWS_ENDPOINT_URL come from the "
        "environment; API_URL replaces the stack's own.",
    )
    parser.add_argument("--stack", required=True, metavar="NAME")
    name = parser.parse_args(argv).stack
    session = boto3.Session()
    with said_plainly():
        stage = find_stage(session, name, api_url=os.environ.get("API_URL", ""))
        if not is_heard(session, name):
            print(
                f"smoke: WARNING: no subscription of {name}'s alarm topic is "
                "confirmed: when an alarm rings, no person is told",
                file=sys.stderr,
            )
    stack = stage.stack
    done = subprocess.run(
        ["/bin/sh", SCRIPT],
        env=os.environ | {"API_URL": stack.api_url, "API_KEY": stack.api_key},
        check=False,
    )
    if done.returncode != UNDECIDED:
        return done.returncode
    with said_plainly():
        accepted = RefundClient(stack).post(f"SMOKE-{uuid4()}", "9999999", "smoke test")
        wrong = fault(
            session.client("lambda"), session.client("sqs"), stack,
            accepted.json()["refundId"],
        )  # fmt: skip
    if wrong:
        print(f"smoke: FAILED: {wrong}", file=sys.stderr)
        return 1
    print(f"smoke: ok, {stack.api_url} accepts and decides refunds; many wait")
    return 0


def fault(
    functions: "LambdaClient", sqs: "SQSClient", stack: RefundService, refund_id: str
) -> str:
    """Return what keeps a PENDING refund from its decision; "" for a backlog.

    The Processor is asked for it past the queue: a broken release fails then, too, and
    one that is deployed as a remedy does not wait for all that it has to remedy.
    """
    message = {"version": 1, "refundId": refund_id}
    record = {"messageId": "smoke", "body": json.dumps(message)}
    answer = functions.invoke(
        FunctionName=stack.functions["processor"].live,
        Payload=json.dumps({"Records": [record]}),
    )
    said = answer["Payload"].read().decode()
    if json.loads(said) != {"batchItemFailures": []}:
        return f"the Processor, asked itself, does not decide {refund_id}: {said}"
    counts = sqs.get_queue_attributes(
        QueueUrl=stack.queue_url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    waiting = int(counts["Attributes"]["ApproximateNumberOfMessages"])
    if waiting <= BACKLOG:
        return (
            f"the Processor decides when it is asked itself, but its queue, with "
            f"{waiting} messages, does not ask it: is the mapping enabled?"
        )
    return ""


def is_heard(session: boto3.Session, name: str) -> bool:
    """Tell whether anybody gets what a stack's alarms say."""
    cloudformation = session.client("cloudformation")
    described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}
    pages = session.client("sns").get_paginator("list_subscriptions_by_topic")
    return any(
        one["SubscriptionArn"].startswith("arn:")  # else "PendingConfirmation"
        for page in pages.paginate(TopicArn=outputs["AlarmTopicArn"])
        for one in page["Subscriptions"]
    )


if __name__ == "__main__":
    sys.exit(run_command(main))
