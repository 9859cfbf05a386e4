"""What the functions run in: table, secret, queue, gateway and wire, on loopback."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any, Self

import boto3
import urllib3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from faults.environment import Environment
from faults.in_part import answered, performed_in_part
from faults.queue import Queue
from faults.wire import Answered, Asked, Wire
from sam_harness.localstack.corrections.dynamodb import moto_backend
from service.payment_gateway import PaymentGateway

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from faults.fault import Fault
    from service.payment_gateway_rules import Charge, Mode

    type Record = dict[str, dict[str, Any]]
    type Records = dict[str, dict[str, Record]]

REGION = "us-east-1"
TABLE = "refund-table"
SECRET = "gateway"  # noqa: S105 - its name
LIMIT = "1000"
_WRITES = ("BatchExecuteStatement", "PutItem", "UpdateItem")
_MADE_UP: dict[str, Any] = {
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "region_name": REGION,
    "config": Config(parameter_validation=False, retries={"total_max_attempts": 1}),
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the Processor waits for the gateway."""

    connect_s: float
    read_s: float


PATIENT = Patience(5, 10)
IMPATIENT = Patience(0.3, 0.3)


class World:
    """One per worker; cells keep apart by order ids, and clear queue and modes."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._moto = mock_aws()
        self._moto.start()
        moto_backend.install()
        self._clients: dict[str, Any] = {
            "DynamoDB_20120810": boto3.client("dynamodb", **_MADE_UP),
            "secretsmanager": boto3.client("secretsmanager", **_MADE_UP),
        }
        self.queue = Queue()
        self.gateway = PaymentGateway()
        self.wire = Wire(self)
        self.log: Path | None = None
        # Told of each write, before the next one.
        self.on_write: Callable[[Records], None] = lambda _: None
        self._pool = urllib3.PoolManager(maxsize=20, retries=False)
        self._rotations = 0
        self._make_table()
        self._secrets.create_secret(Name=SECRET, SecretString="{}")
        self.rotate()

    def clear(self) -> None:
        """Empty table and queue, and let the gateway behave again, as it were new."""
        self.wire.heal()
        self.gateway.clear_modes()
        self.gateway.forget_keys_after(float("inf"))
        with self._lock:
            self.queue.clear()
            self.table.delete_table(TableName=TABLE)
            self._make_table()

    def _make_table(self) -> None:
        keys = ("PK", "SK"), ("GSI1PK", "GSI1SK"), ("GSI2PK", "GSI2SK")
        self.table.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"}
                for pair in keys
                for name in pair
            ],
            KeySchema=_schema(*keys[0]),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": pair[0].removesuffix("PK"),
                    "KeySchema": _schema(*pair),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for pair in keys[1:]
            ],
        )

    @property
    def table(self) -> Any:  # noqa: ANN401 - boto3 makes clients at run time
        """The table's own client, past the wire."""
        return self._clients["DynamoDB_20120810"]

    @property
    def _secrets(self) -> Any:  # noqa: ANN401 - as above
        return self._clients["secretsmanager"]

    def start(self) -> Self:
        """Begin to answer; it ends with its process."""
        Thread(target=self.wire.serve_forever, daemon=True).start()
        self.gateway.start()
        return self

    def environment(
        self, *, patience: Patience = PATIENT, look_up: bool = True, limit: str = LIMIT
    ) -> Environment:
        """Start an environment in which every function can be invoked."""
        arn = self._secrets.describe_secret(SecretId=SECRET)["ARN"]
        variables = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.wire.url,
            "STAGE": "test",
            "POWERTOOLS_SERVICE_NAME": "refunds",
            "POWERTOOLS_METRICS_NAMESPACE": "Refunds",
            "TABLE_NAME": TABLE,
            "QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/123456789012/refunds",
            "ORDER_INDEX_NAME": "GSI1",
            "UNDECIDED_INDEX_NAME": "GSI2",
            "UNDECIDED_AFTER_MINUTES": "60",
            "DECISION_LIMIT": limit,
            "GATEWAY_URL": f"{self.wire.url}/pay",
            "GATEWAY_CONNECT_TIMEOUT_S": str(patience.connect_s),
            "GATEWAY_READ_TIMEOUT_S": str(patience.read_s),
            "GATEWAY_SECRET_ARN": arn,
            "GATEWAY_PAUSE_S": "10",
            "LONGEST_RETRY_S": "120",
            "GATEWAY_KEY_RETENTION_HOURS": "24",
            "GATEWAY_LOOK_UP": "true" if look_up else "false",
            "RETENTION_DAYS": "0",
            "CURRENCY": "EUR",
            "CURRENCY_DECIMALS": "2",
        }
        return Environment(variables, self.log)

    def perform(self, asked: Asked) -> Answered:
        """Do what is asked for: the gateway's calls are those without a target."""
        if not asked.service:
            return self._forward(asked)
        with self._lock:
            parameters = json.loads(asked.body)
            if asked.service == "AmazonSQS":
                return answered(200, self._perform_on_queue(asked, parameters))
            call = getattr(self._clients[asked.service], xform_name(asked.operation))
            try:
                answer = call(**parameters)
            except ClientError as error:
                code = error.response["Error"]["Code"]
                return answered(400, {**error.response, "__type": code})
            if asked.operation in _WRITES:
                self.on_write(self.records())
            return answered(200, answer)

    def _perform_on_queue(
        self, asked: Asked, parameters: Mapping[str, Any]
    ) -> Mapping[str, object]:
        if asked.operation == "ChangeMessageVisibilityBatch":
            # Time is not waited for here: the next delivery comes when a cell says so.
            changed = [{"Id": entry["Id"]} for entry in parameters["Entries"]]
            return {"Successful": changed, "Failed": []}
        attributes = parameters.get("MessageAttributes", {})
        message = self.queue.send(parameters["MessageBody"], attributes)
        return {"MessageId": message.message_id, "MD5OfMessageBody": "0"}

    def _forward(self, asked: Asked) -> Answered:
        kept = ("authorization", "content-type", "idempotency-key")
        headers = {name: asked.headers[name] for name in kept if name in asked.headers}
        # The double's threads end with their connections, and this process with them.
        headers["connection"] = "close"
        answer = self._pool.request(
            asked.operation,
            self.gateway.url + asked.path.removeprefix("/pay"),
            body=asked.body,
            headers=headers,
        )
        return Answered(answer.status, answer.data)

    def perform_badly(self, asked: Asked, fault: Fault) -> Answered:
        """Do a batch in part, or let the gateway behave badly for one call."""
        if fault.does == "pretends":
            return self._forward_to(asked, fault.mode)
        return performed_in_part(self.perform, asked, fault)

    def _forward_to(self, asked: Asked, mode: str) -> Answered:
        """Let the gateway behave like this, for this call and its order alone."""
        if asked.body:
            order_id = json.loads(asked.body)["orderId"]
        else:
            refund_id = asked.path.rpartition("/")[2]
            charges = self.gateway.charges()
            order_id = next(
                (one.order_id for one in charges if one.refund_id == refund_id), "none"
            )
        self.gateway.set_mode(_mode(mode), order_id_prefix=order_id)
        try:
            return self._forward(asked)
        finally:
            self.gateway.clear_mode(order_id)

    def rotate(self) -> None:
        """Replace the gateway's secret; the former one is refused at once."""
        self._rotations += 1
        value = f"Bearer {self._rotations}"
        with self._lock:
            self._secrets.put_secret_value(
                SecretId=SECRET, SecretString=json.dumps({"authorization": value})
            )
        self.gateway.demand(value)

    def records(self) -> Records:
        """Return all records by orderId, then by refundId, as the table has them."""
        with self._lock:
            items = self.table.scan(TableName=TABLE, ConsistentRead=True)["Items"]
        records: Records = {}
        for item in items:
            of_order = records.setdefault(item["orderId"]["S"], {})
            of_order[item["refundId"]["S"]] = item
        return records

    def age(self, refund_id: str, by: timedelta) -> None:
        """Let a refund be older, as if it had waited for so long."""
        key = {"PK": {"S": f"REFUND#{refund_id}"}, "SK": {"S": "REFUND"}}
        with self._lock:
            item = self.table.get_item(TableName=TABLE, Key=key)["Item"]
            for name in {"createdAt", "resentAt"} & item.keys():
                at = datetime.fromisoformat(item[name]["S"]) - by
                text = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
                item[name] = {"S": text}
            if "GSI2SK" in item:
                item["GSI2SK"] = {"S": f"{item['createdAt']['S']}#{refund_id}"}
            self.table.put_item(TableName=TABLE, Item=item)

    def charges(self, order_id: str) -> dict[str, Charge]:
        """Return what the gateway knows of an order, by refundId."""
        return {one.refund_id: one for one in self.gateway.charges(order_id)}


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def _mode(name: str) -> Mode:
    return name  # type: ignore[return-value] # the double refuses one that is none
