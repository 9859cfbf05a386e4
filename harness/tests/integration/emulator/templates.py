"""Templates that a test writes down, as something to deploy."""

import json
from pathlib import Path
from typing import Any

from sam_harness.packaging.build import Artefact

# The policy of a queue that all may use.
OPEN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
        ],
    }
)


def artefact(folder: Path, resources: dict[str, Any], **sections: object) -> Artefact:
    """Return a template as something to deploy."""
    template = folder / "template.json"
    template.write_text(json.dumps({"Resources": resources, **sections}, indent=1))
    return Artefact("key", template)
