"""What is stored of refunds, read past the API."""

from typing import Any

import boto3

from service.deployed import RefundService


def stored_refunds(
    session: boto3.Session, stack: RefundService, order_id_prefix: str = ""
) -> list[dict[str, Any]]:
    """Return the records of all orders, or of some."""
    client = session.resource("dynamodb").meta.client
    pages = client.get_paginator("scan").paginate(TableName=stack.table_name)
    records: list[dict[str, Any]] = [item for page in pages for item in page["Items"]]
    return [one for one in records if one["orderId"].startswith(order_id_prefix)]
