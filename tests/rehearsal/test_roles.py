"""Who gets the roles of .github/deploy-role.yaml: one environment of one repository."""

import pytest
from botocore.exceptions import ClientError

from rehearsal.roles import OWNER_ID, REPOSITORY_ID, StageRoles, set_up
from sam_harness.emulator.embedded import EmbeddedLocalStack

ROLES = ("DeployRole", "OperatorRole")
OLD = "repo:octo-org/refunds"
NEW = f"repo:octo-org@{OWNER_ID}/refunds@{REPOSITORY_ID}"


@pytest.fixture(scope="module")
def named(localstack: EmbeddedLocalStack) -> StageRoles:
    """Return roles that trust the repository by its names."""
    session = localstack.session("310000000000")
    return set_up(session, localstack.endpoint_url, "production", "refunds-production")


@pytest.fixture(scope="module")
def numbered(localstack: EmbeddedLocalStack) -> StageRoles:
    """Return roles that trust the repository by its numbers, too."""
    return set_up(
        localstack.session("320000000000"),
        localstack.endpoint_url,
        "production",
        "refunds-production",
        OwnerId=OWNER_ID,
        RepositoryId=REPOSITORY_ID,
    )


@pytest.mark.parametrize("role", ROLES)
def test_a_job_of_the_environment_gets_its_roles(
    named: StageRoles, numbered: StageRoles, role: str
) -> None:
    """In the form of the subject that the repository has."""
    assert named.credentials(role, f"{OLD}:environment:production")
    assert numbered.credentials(role, f"{NEW}:environment:production")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "subject",
    [
        "repo:octo-org/other:environment:production",
        "repo:other/refunds:environment:production",
        f"{OLD}:environment:test",
        f"{OLD}:environment:preview",
        f"{OLD}:ref:refs/heads/main",
        f"{OLD}:pull_request",
        f"{NEW}:environment:production",
    ],
)
def test_no_other_subject_gets_them(named: StageRoles, role: str, subject: str) -> None:
    """Another repository, environment or branch, or a job without an environment."""
    with pytest.raises(ClientError, match="AssumeRoleWithWebIdentity"):
        named.credentials(role, subject)


@pytest.mark.parametrize(
    "subject",
    [
        f"{OLD}:environment:production",
        f"repo:octo-org@{OWNER_ID}/refunds@1:environment:production",
        f"repo:octo-org@1/refunds@{REPOSITORY_ID}:environment:production",
        f"{NEW}:environment:test",
    ],
)
def test_the_names_alone_are_not_enough_where_numbers_are_trusted(
    numbered: StageRoles, subject: str
) -> None:
    """The names may be another one's since: they are free after a renaming."""
    with pytest.raises(ClientError, match="AssumeRoleWithWebIdentity"):
        numbered.credentials("DeployRole", subject)
