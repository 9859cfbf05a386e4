"""What only the SAM template shows: the translation hides it."""

from collections.abc import Iterator
from functools import cache

from samtranslator.policy_template_processor.processor import PolicyTemplatesProcessor

from harness.policy.rule import Rule, Violation
from harness.policy.stack import Stack


@cache
def _templates() -> frozenset[str]:
    listed = PolicyTemplatesProcessor.get_default_policy_templates_json()
    return frozenset(listed["Templates"])


def _policy_template(stack: Stack) -> Iterator[Violation]:
    for logical_id, resource in stack.source["Resources"].items():
        properties = resource.get("Properties")
        if not isinstance(properties, dict):
            continue
        policies = properties.get("Policies")
        for i, policy in enumerate(policies if isinstance(policies, list) else []):
            for name in _templates() & set(policy if isinstance(policy, dict) else {}):
                message = f"{name} is a SAM policy template: write the exact statement"
                path = ("Resources", logical_id, "Properties", "Policies", i, name)
                yield Violation(path, message)


RULES = (
    Rule(
        "E9050",
        "A resource's policies are written out, not taken from SAM's templates.",
        _policy_template,
    ),
)
