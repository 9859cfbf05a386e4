"""What else knows of an undecided refund: the payment gateway, the Receiver's log."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from refunds.adapters.gateway import HttpGateway
from refunds.adapters.gateway_secret import GatewaySecret
from refunds.domain.decision import Approval, Decline
from refunds.domain.model import (
    GatewayFailureError,
    PaymentPendingError,
    Refund,
    UnavailableError,
)
from refunds.domain.payment import Currency
from sam_harness.dlq.queues import json_object

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sqs import SQSClient

# How many refunds are asked about at a time.
AT_ONCE = 8
_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard"})
# The Receiver says so within its time; clocks differ, logs arrive late.
_ANSWERED_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Clients:
    """The AWS clients that the command needs."""

    cloudformation: "CloudFormationClient"
    dynamodb: "DynamoDBClient"
    sqs: "SQSClient"
    logs: "CloudWatchLogsClient"
    secrets: "SecretsManagerClient"


def connect(endpoint_url: str | None, region: str | None) -> Clients:
    """Make the clients; credentials come from where AWS's own tools take them."""
    session = boto3.Session(region_name=region)
    return Clients(
        session.client("cloudformation", endpoint_url=endpoint_url, config=_CONFIG),
        session.client("dynamodb", endpoint_url=endpoint_url, config=_CONFIG),
        session.client("sqs", endpoint_url=endpoint_url, config=_CONFIG),
        session.client("logs", endpoint_url=endpoint_url, config=_CONFIG),
        session.client("secretsmanager", endpoint_url=endpoint_url, config=_CONFIG),
    )


@dataclass(frozen=True, slots=True)
class Gateway:
    """The stack's payment gateway, if it can be asked."""

    client: HttpGateway | None
    why_not: str = ""

    def says(self, refund: Refund) -> str:
        """Return what it says of a refund, or why it says nothing."""
        if self.client is None:
            return f"cannot be asked: {self.why_not}"
        try:
            answer = self.client.look_up(refund)
        except PaymentPendingError:
            return "has it, and is not done"
        except (UnavailableError, GatewayFailureError) as error:
            return f"gave no answer: {error}"
        match answer:
            case None:
                return "has never seen it"
            case Approval(reference):
                return f"has paid it: {reference!r}"
            case Decline(reason):
                return f"has refused it: {reason!r}"


def gateway_of(parameters: dict[str, str], secrets: "SecretsManagerClient") -> Gateway:
    """Return the payment gateway of a stack with these parameters."""
    url, arn = parameters["GatewayUrl"], parameters["GatewaySecretArn"]
    if url == "simulated":
        return Gateway(None, "the stack has none, only the simulated one")
    if parameters["GatewayLookUp"] != "true":
        return Gateway(None, "it has no look-up (GatewayLookUp=false)")
    return Gateway(
        HttpGateway(
            url,
            float(parameters["GatewayConnectTimeoutSeconds"]),
            float(parameters["GatewayReadTimeoutSeconds"]),
            connections=AT_ONCE,
            currency=Currency(
                parameters["Currency"], int(parameters["CurrencyDecimals"])
            ),
            credentials=GatewaySecret(secrets, arn) if arn else None,
        )
    )


@dataclass(frozen=True, slots=True)
class Promises:
    """Whether clients were told 202, as far as the Receiver's log tells."""

    logs: "CloudWatchLogsClient"
    group: str

    def of(self, refund: Refund) -> str:
        """Say whether the client was told that the refund is accepted."""
        began = refund.created_at - _ANSWERED_WITHIN
        ended = refund.created_at + _ANSWERED_WITHIN
        try:
            pages = self.logs.get_paginator("filter_log_events").paginate(
                logGroupName=self.group,
                startTime=int(began.timestamp() * 1000),
                endTime=int(ended.timestamp() * 1000),
                filterPattern=json.dumps(refund.refund_id),
            )
            lines = [
                json_object(event["message"])
                for page in pages
                for event in page["events"]
            ]
        except ClientError as error:
            return f"not known: {self.group}: {error.response['Error']['Code']}"
        told = any(
            line.get("message") == "refund accepted"
            and line.get("refundId") == refund.refund_id
            for line in lines
        )
        if told:
            return "was told 202"
        return f"not known: {self.group} does not say that it was told 202"
