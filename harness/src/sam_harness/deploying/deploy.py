"""Artefact -> stack, through CloudFormation.

LocalStack's CloudFormation ends failed updates in ``UPDATE_COMPLETE``, so a
deployment counts as done only when no event of it says FAILED or ROLLBACK and every
promised resource is listed as complete.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from botocore.config import Config

from sam_harness.cache import key_of
from sam_harness.deploying.operation import Operation
from sam_harness.deploying.stack import DeployedStack, described
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import Artefact, archives
from sam_harness.packaging.sam_build import sam
from sam_harness.template.document import Document, load
from sam_harness.template.lint import check
from sam_harness.template.names import Place
from sam_harness.template.resolver import Resolver
from sam_harness.template.sam import translate
from sam_harness.template.uploads import has_others

if TYPE_CHECKING:
    import boto3

_DEPLOY_TIMEOUT_S = 120
_DELETE_TIMEOUT_S = 60


class Deployer:
    """Deploys artefacts into the account of a session."""

    def __init__(self, session: "boto3.Session", account_id: str) -> None:
        # Once: asked again, it says "already exists" instead of the reason.
        once = Config(retries={"total_max_attempts": 1})
        self._cloudformation = session.client("cloudformation", config=once)
        self._s3 = session.client("s3")
        self._account_id = account_id
        # Bucket names are global, on AWS as in LocalStack.
        self._bucket = f"harness-artefacts-{account_id}"

    def deploy(
        self, artefact: Artefact, stack: str, parameters: Mapping[str, str]
    ) -> DeployedStack:
        """Create the stack, or update it when it exists.

        Raises:
            HarnessError: CloudFormation would refuse the template or a parameter, at
                which line; or a resource failed, or is not there as the template says:
                names each with the reason.
        """
        source = load(artefact.source or artefact.template)
        check(source.path)
        try:
            return self._deploy(artefact, stack, parameters)
        except HarnessError as error:
            raise HarnessError(_with_lines(source, str(error))) from error

    def _deploy(
        self, artefact: Artefact, stack: str, parameters: Mapping[str, str]
    ) -> DeployedStack:
        region = self._cloudformation.meta.region_name
        document, uris = self._uploaded(artefact, region)
        body = translate(document, parameters, region=region, code_uris=uris).template
        # By URL: in the call itself a template may have 51,200 bytes at most.
        text = json.dumps(body)
        key = f"{key_of(text)}.template"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=text.encode())
        url = f"{self._s3.meta.endpoint_url}/{self._bucket}/{key}"
        operation = Operation(self._cloudformation, stack)
        at = {"TemplateURL": url}
        if operation.submit(at, parameters, update=operation.updates):
            operation.wait(_DEPLOY_TIMEOUT_S)
        place = Place(self._account_id, region, "aws", stack)
        promised = Resolver(body, parameters, place).template()
        return described(self._cloudformation, stack, promised)

    def delete(self, stack: str) -> None:
        """Delete the stack and wait until it is gone."""
        operation = Operation(self._cloudformation, stack)
        self._cloudformation.delete_stack(StackName=stack)
        operation.wait(_DELETE_TIMEOUT_S)

    def upload(self, zips: Mapping[str, Path]) -> dict[str, str]:
        """Return logical id -> S3 URI of its code; equal code is uploaded once."""
        self._s3.create_bucket(Bucket=self._bucket)
        for archive in set(zips.values()):
            self._s3.put_object(
                Bucket=self._bucket, Key=archive.name, Body=archive.read_bytes()
            )
        return {
            logical_id: f"s3://{self._bucket}/{archive.name}"
            for logical_id, archive in zips.items()
        }

    def _uploaded(
        self, artefact: Artefact, region: str
    ) -> tuple[Document, Mapping[str, str]]:
        """Upload what the built template names; return it, and where the code is."""
        document = load(artefact.template)
        zips = archives(artefact)
        if not has_others(document, zips):
            return document, self.upload(zips)
        self._s3.create_bucket(Bucket=self._bucket)
        return self._packaged(artefact.template, region), {}

    def _packaged(self, template: Path, region: str) -> Document:
        """Return a built template with everything local uploaded.

        Layers, definitions of state machines and nested templates, with what these
        name: `sam package` knows every property that does so. It takes seconds; a
        template that has nothing but functions goes without it.
        """
        with TemporaryDirectory(prefix="sam-package-") as scratch:
            output = Path(scratch, "packaged.yaml")
            env = {
                "AWS_ACCESS_KEY_ID": self._account_id,  # LocalStack's way to know it
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_ENDPOINT_URL": self._s3.meta.endpoint_url,
                "TMPDIR": scratch,
            }
            sam(
                "package", template,
                "--s3-bucket", self._bucket, "--region", region, "--no-progressbar",
                "--output-template-file", output,
                cwd=Path(scratch), env=env,
            )  # fmt: skip
            return load(output)


def _with_lines(source: Document, said: str) -> str:
    """Return what is said, and under it where what it names stands in the template."""
    words = dict.fromkeys(re.findall(r"\w+", said))
    places = [
        f"{source.path}:{source.position(section, word).line}: {word}"
        for section in ("Parameters", "Resources", "Outputs", "Rules")
        for word in words
        if word in (source.get(section) or {})
    ]
    return "\n  ".join([said, *places])
