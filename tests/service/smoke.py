"""``tox -e smoke -- --stack NAME``: runs .github/smoke.sh against a deployed stage."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

import boto3

from sam_harness.errors import said_plainly
from service.checkout import ROOT
from service.console import run_command
from service.deployed import find_stage

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
    return done.returncode


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
