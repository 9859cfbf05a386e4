"""What schema and linters cannot know of the workflows: this repository.

A workflow runs on GitHub only, so what it calls has to be callable here: jobs call make
targets and tox environments, and nothing else.
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflows.commands import make_targets, tox_environments

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
TOX = re.compile(r"\.tools/bin/tox run -e (?P<environment>[\w-]+)( -- .+)?")
MAKE = re.compile(r"make (?P<target>[\w-]+)")
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+\n")

of_each_file = pytest.mark.parametrize(
    "file", WORKFLOWS + ACTIONS, ids=lambda file: file.relative_to(ROOT).as_posix()
)
of_each_workflow = pytest.mark.parametrize(
    "file", WORKFLOWS, ids=lambda file: file.stem
)


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a workflow."""

    name: str
    body: dict[str, Any]

    @property
    def calls_workflow(self) -> bool:
        """Whether it is another workflow's jobs."""
        return "uses" in self.body


@of_each_file
def test_steps_run_existing_tox_environments_and_make_targets(file: Path) -> None:
    """Whatever else a job did could not be tried before it is merged."""
    commands = [step["run"].strip() for step in steps(file) if "run" in step]

    for command in commands:
        if called := TOX.fullmatch(command):
            assert called["environment"] in tox_environments()
        else:
            called = MAKE.fullmatch(command)
            assert called, f"{command}: neither a tox environment nor a make target"
            assert called["target"] in make_targets()


@of_each_file
def test_what_is_used_of_this_repository_exists(file: Path) -> None:
    """A reference to itself names an action's directory or a workflow."""
    for reference in references(file):
        if reference.startswith("$/"):
            path = ROOT / reference.removeprefix("$/")
            assert path.is_file() or (path / "action.yml").is_file(), reference


@of_each_file
def test_actions_are_pinned_to_a_commit_that_is_named(file: Path) -> None:
    """A tag can be moved; the comment says which release the commit is."""
    used = re.findall(r"uses: .+\n", file.read_text())

    assert len(used) == len(list(references(file)))
    for line in used:
        assert line.startswith("uses: $/.github/") or PINNED.fullmatch(line), line


@of_each_workflow
def test_nothing_is_permitted_but_what_a_job_asks_for(file: Path) -> None:
    """A job without permissions of its own has none."""
    assert load(file)["permissions"] == {}
    for job in jobs(file):
        assert job.body["permissions"], job.name


@of_each_workflow
def test_only_jobs_of_an_environment_get_aws_credentials(file: Path) -> None:
    """The roles trust environments, which have reviewers and branch rules."""
    for job in jobs(file):
        used = [step.get("uses", "") for step in job.body.get("steps", [])]
        gets = any("configure-aws-credentials@" in one for one in used)
        signs = any("actions/attest@" in one for one in used)
        asks = job.body["permissions"].get("id-token") == "write"
        assert gets == ("environment" in job.body), job.name
        assert asks == (gets or signs), job.name


@of_each_workflow
def test_no_job_runs_forever_or_beside_its_like(file: Path) -> None:
    """Each has a time limit, each workflow a concurrency group."""
    assert load(file)["concurrency"]["group"]
    for job in jobs(file):
        assert job.calls_workflow or job.body["timeout-minutes"] <= 90, job.name


@of_each_workflow
def test_jobs_wait_for_jobs_that_exist(file: Path) -> None:
    """GitHub would refuse the workflow, the schema does not."""
    names = {job.name for job in jobs(file)}
    for job in jobs(file):
        needs = job.body.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= names


def test_the_deployment_waits_for_the_gate() -> None:
    """CI, then one build, then test, then production."""
    needs = {job.name: job.body.get("needs") for job in jobs(workflow("deploy"))}

    assert needs == {
        "ci": None,
        "build": "ci",
        "test": "build",
        "production": ["build", "test"],
    }


def test_production_is_smoke_tested_and_rolled_back() -> None:
    """Kept before, checked after, back when the check fails, and checked again."""
    production = next(j for j in jobs(workflow("deploy")) if j.name == "production")
    commands = [step.get("run", "") for step in production.body["steps"]]
    called = [match for text in commands if (match := TOX.fullmatch(text.strip()))]
    order = [match["environment"] for match in called]

    assert order == [
        "unpack", "rollback", "plan", "deploy", "smoke", "rollback", "smoke"
    ]  # fmt: skip
    assert "save" in called[1][0]
    assert "restore" in called[5][0]


def test_updates_are_shifted_and_the_way_back_is_not() -> None:
    """The test stage shifts too: CodeDeploy must not fail on production first."""
    for job in deploying():
        asked = job.body["env"]["DEPLOYMENT_TYPE"]
        assert asked == "${{ inputs.deployment-type || 'Canary10Percent5Minutes' }}"
    production = deploying()[1]
    [restore] = [one for one in commands_of(production) if "restore" in one]
    assert "--parameter DeploymentType=AllAtOnce" in restore


def test_only_a_person_can_leave_a_failed_release_in_place() -> None:
    """A push has no inputs, and what is missing counts as false."""
    condition = "(github.event_name != 'workflow_dispatch' || inputs.roll-back)"
    production = deploying()[1]
    after = [
        s["if"] for s in production.body["steps"] if "failure()" in s.get("if", "")
    ]

    assert len(after) == 2
    assert all(condition in one for one in after)


def test_a_deploy_job_builds_nothing_and_plans_before_it_deploys() -> None:
    """With the stage's file both times, so that the plan is about this deployment."""
    for job in deploying():
        called = commands_of(job)
        [plan] = [one for one in called if " plan " in one]
        [deploy] = [one for one in called if " deploy " in one]

        assert called.index(plan) < called.index(deploy)
        assert "--built" in deploy
        stage = f"--stage stages/{job.name}.yaml"
        assert stage in plan
        assert stage in deploy
        # A way back has set it, past the file.
        assert "--overwrite DeploymentType $OVERWRITE" in plan


def test_a_stage_gets_the_artefact_that_was_built_and_signed() -> None:
    """By the digest that the build handed on; signed, where GitHub signs."""
    for job in deploying():
        [unpack] = [s for s in job.body["steps"] if "-e unpack" in s.get("run", "")]
        assert '--digest "$DIGEST" $ATTESTED' in unpack["run"]
        assert unpack["env"]["DIGEST"] == "${{ needs.build.outputs.digest }}"
        assert "needs.build.outputs.attested" in unpack["env"]["ATTESTED"]


def test_a_stage_waits_for_no_other_stage() -> None:
    """A hotfix reaches the test stage while production waits for an approval."""
    groups = [job.body["concurrency"]["group"] for job in deploying()]

    assert groups == ["deploy-test", "deploy-production"]
    assert "github.sha" in load(workflow("deploy"))["concurrency"]["group"]


def test_what_code_scanning_says_breaks_no_gate() -> None:
    """It is not in every plan of GitHub's."""
    uploads = [
        step for step in steps(workflow("ci")) if "upload-sarif" in step.get("uses", "")
    ]

    assert [step["continue-on-error"] for step in uploads] == [True]


def deploying() -> list[Job]:
    """Return the jobs of the two stages."""
    named = {job.name: job for job in jobs(workflow("deploy"))}
    return [named["test"], named["production"]]


def commands_of(job: Job) -> list[str]:
    """Return what a job runs, in its order."""
    return [
        " ".join(step["run"].split()) for step in job.body["steps"] if "run" in step
    ]


def test_every_workflow_and_script_is_linted() -> None:
    """None is forgotten in the commands of this tox environment."""
    commands = (ROOT / "tox.ini").read_text()
    tracked = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    scripts = [
        name for name in tracked if (ROOT / name).is_file() and is_script(ROOT / name)
    ]

    assert scripts
    for name in [*scripts, *(f.relative_to(ROOT) for f in WORKFLOWS + ACTIONS)]:
        assert f" {name}" in commands, name


def is_script(path: Path) -> bool:
    """Whether a shell runs this file."""
    with path.open("rb") as file:
        return bool(re.match(rb"#!.*\b(sh|bash)\b", file.readline()))


def workflow(name: str) -> Path:
    """Return the workflow of this name."""
    return next(file for file in WORKFLOWS if file.stem == name)


def load(file: Path) -> dict[str, Any]:
    """Return the parsed file."""
    parsed: dict[str, Any] = yaml.safe_load(file.read_text())
    return parsed


def jobs(file: Path) -> list[Job]:
    """Return the jobs of a workflow."""
    return [Job(name, body) for name, body in load(file).get("jobs", {}).items()]


def steps(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the steps of a workflow or of a composite action."""
    for job in jobs(file):
        yield from job.body.get("steps", [])
    yield from load(file).get("runs", {}).get("steps", [])


def references(file: Path) -> Iterator[str]:
    """Yield every action and workflow that a file uses."""
    for element in [*steps(file), *(job.body for job in jobs(file))]:
        if "uses" in element:
            yield element["uses"]
