"""What DynamoDB refuses of a table and its indexes. Imports nothing foreign.

Every refusal is a ValueError with AWS's message, as in `requests`. Which
attributes have to be defined moto knows, and lengths and enumerations `constraints`.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

type Values = Mapping[str, Any]

_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_MOST_LOCAL, _MOST_GLOBAL, _MOST_PROJECTED = 5, 20, 100
_WRONG = "One or more parameter values were invalid: "


def check_new(request: Values) -> None:
    """Check a request of CreateTable."""
    if not _NAME.fullmatch(request["TableName"].rpartition("/")[2]):
        raise ValueError(
            "TableName must be at least 3 characters long and at most 255 characters "
            "long, of a-z, A-Z, 0-9, '_', '-' and '.'"
        )
    stream = request.get("StreamSpecification") or {}
    if stream.get("StreamEnabled") and not stream.get("StreamViewType"):
        raise ValueError(f"{_WRONG}StreamEnabled requires a StreamViewType")
    made = request.get("GlobalSecondaryIndexes") or ()
    for index in made:
        _check_throughput(index, request.get("BillingMode", "PROVISIONED"))
    _check_keys(request["KeySchema"])
    local = request.get("LocalSecondaryIndexes") or ()
    _check_indexes(request["KeySchema"], local, made)


def check_update(request: Values, table: Values, billing_mode: str) -> None:
    """Check a request of UpdateTable about a table, as `requests` tells it.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
    """
    mode, units = request.get("BillingMode", billing_mode), "ProvisionedThroughput"
    if mode == "PAY_PER_REQUEST" and request.get(units):
        raise ValueError(
            f"{_WRONG}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified"
            " when BillingMode is PAY_PER_REQUEST"
        )
    if "PROVISIONED" == mode != billing_mode and not request.get(units):
        raise ValueError(
            f"{_WRONG}{units} must be specified when BillingMode is PROVISIONED"
        )
    updates = request.get("GlobalSecondaryIndexUpdates") or ()
    made = [one["Create"] for one in updates if one.get("Create")]
    given = request.get("AttributeDefinitions") or ()
    defined = {one["AttributeName"] for one in given}
    for index in made:
        _check_throughput(index, mode)
        if missing := {key["AttributeName"] for key in index["KeySchema"]} - defined:
            raise ValueError(
                f"{_WRONG}Some index key attributes are not defined in "
                f"AttributeDefinitions. Keys: {sorted(missing)}, "
                f"AttributeDefinitions: {sorted(defined)}"
            )
    gone = {one["Delete"]["IndexName"] for one in updates if one.get("Delete")}
    kept = [one for one in table["Indexes"] if one["IndexName"] not in gone]
    local = [one for one in kept if one["IsLocal"]]
    made += [one for one in kept if not one["IsLocal"]]
    _check_indexes(table["KeySchema"], local, made)


def missing_index(request: Values, table: Values) -> bool:
    """Tell whether an update is of an index that the table has not."""
    updates = request.get("GlobalSecondaryIndexUpdates") or ()
    there = {one["IndexName"] for one in table["Indexes"] if not one["IsLocal"]}
    asked = [one.get("Delete") or one.get("Update") for one in updates]
    return any(one["IndexName"] not in there for one in asked if one)


def check_changes(request: Values) -> None:
    """Check that an update makes or deletes one index."""
    updates = request.get("GlobalSecondaryIndexUpdates") or ()
    if sum(bool(one.get("Create") or one.get("Delete")) for one in updates) > 1:
        raise ValueError(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted "
            "simultaneously per table"
        )


def _check_throughput(index: Values, mode: str) -> None:
    name, is_given = index["IndexName"], bool(index.get("ProvisionedThroughput"))
    if is_given and mode == "PAY_PER_REQUEST":
        raise ValueError(
            f"{_WRONG}ProvisionedThroughput should not be specified for index: {name} "
            "when BillingMode is PAY_PER_REQUEST"
        )
    if not is_given and mode == "PROVISIONED":
        raise ValueError(
            f"{_WRONG}ProvisionedThroughput is not specified for index: {name}"
        )


def _check_keys(keys: Sequence[Values]) -> None:
    kinds = [key["KeyType"] for key in keys]
    if kinds[:1] != ["HASH"]:
        raise ValueError(
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
        )
    if kinds[1:] not in ([], ["RANGE"]):
        raise ValueError(
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"
        )
    if len({key["AttributeName"] for key in keys}) < len(keys):
        raise ValueError(
            "Both the Hash Key and the Range Key element in the KeySchema have the "
            "same name"
        )


def _check_indexes(
    keys: Sequence[Values], local: Sequence[Values], all_global: Sequence[Values]
) -> None:
    for kind, most, some in (
        ("Local", _MOST_LOCAL, local),
        ("Global", _MOST_GLOBAL, all_global),
    ):
        if len(some) > most:
            raise ValueError(
                f"{_WRONG}Number of {kind}SecondaryIndexes exceeds per-table limit of "
                f"{most}"
            )
    names = Counter(one["IndexName"] for one in chain(local, all_global))
    for name in [one for one, times in names.items() if times > 1]:
        raise ValueError(f"{_WRONG}Duplicate index name: {name}")
    for index in all_global:
        _check_several(index["KeySchema"])
        _check_keys(index["KeySchema"])
    for index in local:
        _check_local(index, keys)
    projected = [_projected(one["Projection"]) for one in chain(local, all_global)]
    if sum(projected) > _MOST_PROJECTED:
        raise ValueError(
            f"{_WRONG}Number of NonKeyAttributes of all indexes exceeds "
            f"{_MOST_PROJECTED}"
        )


def _check_several(keys: Sequence[Values]) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html."""
    if any(times > 1 for times in Counter(key["KeyType"] for key in keys).values()):
        raise ValueError(
            "sam-harness does not emulate indexes with several partition or sort keys: "
            "keep their values in one attribute"
        )


def _check_local(index: Values, keys: Sequence[Values]) -> None:
    own, name = index["KeySchema"], index["IndexName"]
    _check_keys(own)
    if len(keys) == 1:
        raise ValueError(
            f"{_WRONG}Table KeySchema does not have a range key, which is required when"
            " specifying a LocalSecondaryIndex"
        )
    if len(own) == 1:
        raise ValueError(
            f"{_WRONG}Index KeySchema does not have a range key for index: {name}"
        )
    if (one := own[0]["AttributeName"]) != (other := keys[0]["AttributeName"]):
        raise ValueError(
            f"{_WRONG}Index KeySchema does not have the same leading hash key as table "
            f"KeySchema for index: {name}. index hash key: {one}, table hash key: "
            f"{other}"
        )


def _projected(projection: Values) -> int:
    """Return how many attributes an index has besides all keys, or all."""
    kind, more = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if not kind:
        raise ValueError(f"{_WRONG}Unknown ProjectionType: null")
    if (kind == "INCLUDE") != bool(more):
        said = "not specified" if kind == "INCLUDE" else "specified"
        raise ValueError(
            f"{_WRONG}ProjectionType is {kind}, but NonKeyAttributes is {said}"
        )
    return len(more or ())
