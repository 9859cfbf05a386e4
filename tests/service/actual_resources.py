"""Functions, what starts them, their roles and logs, as AWS describes them."""

import json
from collections.abc import Mapping
from typing import Any

import boto3

from refund_stack.promised import Resource


def _function(session: boto3.Session, function: Resource) -> Mapping[str, Any]:
    answer = session.client("lambda").get_function(FunctionName=function.physical_id)
    tags = [{"Key": key, "Value": value} for key, value in answer["Tags"].items()]
    return {**answer["Configuration"], "Tags": tags}


def _mapping(session: boto3.Session, mapping: Resource) -> Mapping[str, Any]:
    answer = session.client("lambda").get_event_source_mapping(UUID=mapping.physical_id)
    return {
        **answer,
        "FunctionName": answer["FunctionArn"],
        "Enabled": answer["State"] == "Enabled",
    }


def _version(session: boto3.Session, version: Resource) -> Mapping[str, Any]:
    return dict(
        session.client("lambda").get_function_configuration(
            FunctionName=version.physical_id
        )
    )


def _alias(session: boto3.Session, alias: Resource) -> Mapping[str, Any]:
    function, name = alias.physical_id.split(":")[6:]
    answer = session.client("lambda").get_alias(FunctionName=function, Name=name)
    return {**answer, "FunctionName": function}


def _permission(session: boto3.Session, permission: Resource) -> Mapping[str, Any]:
    name = permission.properties["FunctionName"]
    policy = session.client("lambda").get_policy(FunctionName=name)["Policy"]
    (statement,) = (
        one
        for one in json.loads(policy)["Statement"]
        if one["Sid"] == permission.physical_id
    )
    conditions = statement.get("Condition", {}).get("ArnLike", {})
    return {
        "Action": statement["Action"],
        "FunctionName": statement["Resource"],
        "Principal": statement["Principal"]["Service"],
        # IAM's condition keys are the same in any case.
        "SourceArn": {key.lower(): value for key, value in conditions.items()}.get(
            "aws:sourcearn"
        ),
    }


def _log_group(session: boto3.Session, group: Resource) -> Mapping[str, Any]:
    found = session.client("logs").describe_log_groups(
        logGroupNamePrefix=group.physical_id
    )["logGroups"]
    (described,) = (one for one in found if one["logGroupName"] == group.physical_id)
    reality: dict[str, Any] = {"LogGroupName": described["logGroupName"]}
    if "retentionInDays" in described:
        reality["RetentionInDays"] = described["retentionInDays"]
    return reality


def _role(session: boto3.Session, role: Resource) -> Mapping[str, Any]:
    iam = session.client("iam")
    name = role.physical_id
    described = iam.get_role(RoleName=name)["Role"]
    inline = [
        iam.get_role_policy(RoleName=name, PolicyName=policy)
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {
        "AssumeRolePolicyDocument": described["AssumeRolePolicyDocument"],
        "Policies": [
            {
                "PolicyName": policy["PolicyName"],
                "PolicyDocument": policy["PolicyDocument"],
            }
            for policy in inline
        ],
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
        "PermissionsBoundary": described.get("PermissionsBoundary", {}).get(
            "PermissionsBoundaryArn"
        ),
    }


READERS = {
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Permission": _permission,
    "AWS::Lambda::Version": _version,
    "AWS::Logs::LogGroup": _log_group,
}
