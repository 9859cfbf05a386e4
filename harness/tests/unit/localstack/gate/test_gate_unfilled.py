"""Condition keys of an action that its mapping fills, leaves empty or does not know."""

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    KEY,
    Client,
    a_call,
    allow,
    denial_of,
    put,
)
from sam_harness.iam.call import Call
from sam_harness.localstack.gate.gate import Gate

PUT = a_call("PutObject", "s3", Bucket="b", Key="k")
PUBLIC = a_call("PutObject", "s3", Bucket="b", Key="k", ACL="public-read")
GET = a_call("GetObject", "s3", Bucket="b", Key="k")
SECRET = a_call("DeleteSecret", "secretsmanager", SecretId="s")
NOW = a_call(
    "DeleteSecret", "secretsmanager", SecretId="s", ForceDeleteWithoutRecovery=True
)
URL = a_call("CreateFunctionUrlConfig", "lambda", FunctionName="f", AuthType="NONE")
TAG = a_call("UntagQueue", QueueUrl="q", TagKeys=["team"])

ACL = ("s3:x-amz-acl", "public-read")
FORCED = ("secretsmanager:ForceDeleteWithoutRecovery", "true")
ALLOWED = "allowed"
DENIED = "with an explicit deny"
UNKNOWN = "sam-harness cannot tell"


@pytest.mark.parametrize(
    ("call", "condition", "decision"),
    [
        (PUT, ACL, ALLOWED),
        (PUBLIC, ACL, DENIED),
        (SECRET, FORCED, ALLOWED),
        (NOW, FORCED, DENIED),
        (URL, ("lambda:FunctionUrlAuthType", "NONE"), DENIED),
        (GET, ("s3:ExistingObjectTag/class", "secret"), UNKNOWN),
        (GET, ("s3:TlsVersion", "1.1"), ALLOWED),
        (GET, ("s3:ResourceAccount", ACCOUNT), DENIED),
        (GET, ("aws:ResourceAccount", ACCOUNT), DENIED),
        (GET, ("aws:SourceArn", "arn:aws:s3:::b"), ALLOWED),
        (GET, ("s3:DataAccessPointAccount", "1"), ALLOWED),
        (GET, ("s3:x-amz-acl", "public-read"), ALLOWED),
        (TAG, ("aws:TagKeys", "team"), UNKNOWN),
        (GET, ("aws:TagKeys", "team"), ALLOWED),
    ],
)
def test_a_deny_on_a_key_that_is_not_filled_is_not_passed(
    gate: Gate, iam: Client, call: Call, condition: tuple[str, str], decision: str
) -> None:
    """A key that the request does not have is no such key, nor one of other actions.

    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    key, value = condition
    tests = {"ForAnyValue:StringEquals": {key: value}}
    put(gate, iam, "all", allow("*"))
    put(gate, iam, "no", {**allow("*"), "Effect": "Deny", "Condition": tests})

    if decision == ALLOWED:
        gate.check(call, KEY)
    else:
        assert decision in denial_of(gate, call).message
