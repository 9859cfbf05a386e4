"""Templates that a test writes down, as something to deploy."""

import json
from pathlib import Path
from typing import Any

from sam_harness.packaging.build import Artefact


def artefact(folder: Path, resources: dict[str, Any], **sections: object) -> Artefact:
    """Return a template as something to deploy."""
    template = folder / "template.json"
    template.write_text(json.dumps({"Resources": resources, **sections}, indent=1))
    return Artefact("key", template)
