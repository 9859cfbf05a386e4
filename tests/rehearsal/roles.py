"""The roles of .github/deploy-role.yaml on a LocalStack, taken on as by a job."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from sam_harness.deploying.operation import Operation
from service.checkout import ROOT

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

TEMPLATE = ROOT / ".github" / "deploy-role.yaml"
ISSUER = "token.actions.githubusercontent.com"
REPOSITORY = "octo-org/refunds"
OWNER_ID, REPOSITORY_ID = "1234", "98765"
# What GitHub numbers repositories with since July 2026.
NUMBERED = f"octo-org@{OWNER_ID}/refunds@{REPOSITORY_ID}"
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class StageRoles:
    """The outputs of a stage's roles; ``repository`` as GitHub's tokens name it."""

    endpoint_url: str
    region: str
    environment: str
    outputs: Mapping[str, str]
    repository: str = REPOSITORY

    def variables(self) -> dict[str, str]:
        """Return the variables of GitHub's environment, as docs/deploy.md has them."""
        return {
            "ARTEFACT_BUCKET": self.outputs["ArtefactBucket"],
            "EXECUTION_ROLE_ARN": self.outputs["ExecutionRoleArn"],
            "PERMISSIONS_BOUNDARY_ARN": self.outputs["PermissionsBoundaryArn"],
        }

    def credentials(self, role: str, subject: str = "") -> dict[str, str]:
        """Return the environment of a job that has taken on a role, by its output.

        ``subject``: the token's; else that of a job of this environment.

        Raises:
            ClientError: the role does not trust it.
        """
        own = f"repo:{self.repository}:environment:{self.environment}"
        sts = boto3.client(
            "sts", self.region, endpoint_url=self.endpoint_url,
            config=Config(signature_version=UNSIGNED),
        )  # fmt: skip
        given = sts.assume_role_with_web_identity(
            RoleArn=self.outputs[f"{role}Arn"],
            RoleSessionName="GitHubActions",
            WebIdentityToken=token(subject or own),
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }


def token(subject: str) -> str:
    """Return a token as GitHub issues it; nothing here verifies signatures."""
    now = int(time.time())
    claims = {
        "iss": f"https://{ISSUER}",
        "aud": "sts.amazonaws.com",
        "sub": subject,
        "iat": now,
        "exp": now + 300,
    }
    parts = [{"alg": "RS256", "typ": "JWT"}, claims, {"signed": "by nobody"}]
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in parts
    )


def set_up(
    session: boto3.Session, endpoint_url: str, environment: str, stack: str, **more: str
) -> StageRoles:
    """Deploy the roles as an administrator does, where GitHub's provider is there.

    LocalStack's CloudFormation makes no such provider.
    """
    provider = session.client("iam").create_open_id_connect_provider(
        Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"]
    )["OpenIDConnectProviderArn"]
    cloudformation = session.client("cloudformation")
    name = f"github-{environment}"
    values = {
        "Repository": REPOSITORY,
        "Environment": environment,
        "StackName": stack,
        "OidcProviderArn": provider,
        **more,
    }
    operation = Operation(cloudformation, name)
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=TEMPLATE.read_text(),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in values.items()
        ],
    )
    operation.wait(TIMEOUT_S)
    region = cloudformation.meta.region_name
    return StageRoles(
        endpoint_url,
        region,
        environment,
        _outputs(cloudformation, name),
        NUMBERED if "RepositoryId" in more else REPOSITORY,
    )


def _outputs(cloudformation: "CloudFormationClient", name: str) -> dict[str, str]:
    described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}
