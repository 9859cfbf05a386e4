"""All that is known of an update before it is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sam_harness.deploying.planning.replaced import Replaced, replaced
from sam_harness.deploying.planning.submitted import (
    changed_values,
    code_of,
    previous,
    submitted,
    unreached_defaults,
    values_of,
)
from sam_harness.deploying.planning.versions import empty_versions
from sam_harness.deploying.stage import drift, is_hidden
from sam_harness.environments import progress
from sam_harness.packaging.build import build
from sam_harness.template.document import load


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be lost, published for nothing, and ignored: see each module."""

    replaced: Sequence[Replaced]
    empty_versions: Mapping[str, Sequence[str]]
    unreached_defaults: Sequence[str]
    changed_values: Sequence[str]
    drift: Mapping[str, str]

    @classmethod
    def of(
        cls, template: Path, against: Path, told: Mapping[str, str], bucket: str | None
    ) -> Self:
        """Compare a template with what is deployed; ``told``: parameters passed.

        Against a stack that was kept, the artefact is built if it is not there.

        Raises:
            UsageError: a file is missing.
            HarnessError: one is no template, or the build is broken.

        """
        document, was = load(template), previous(against)
        kept, built = was.values, None
        if kept is not None:
            built = build(template, progress).template.parent
        old = values_of(was.document, kept or {}, {})
        shown = {name: told[name] for name in told if not is_hidden(document, name)}
        new_code, old_code = code_of(document, was.document, bucket, built)
        before = submitted(was.document, old, old_code)
        after = submitted(document, values_of(document, told, old), new_code)
        return cls(
            replaced(before, after),
            empty_versions(before, after),
            unreached_defaults(was.document, document, told, kept or {}),
            changed_values(shown, kept or {}),
            drift(was.document, kept or {}, shown),
        )
