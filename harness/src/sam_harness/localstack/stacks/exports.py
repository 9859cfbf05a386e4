"""What stacks take from each other by Fn::ImportValue: it is there, and it stays.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from collections.abc import Iterator
from typing import Any

from localstack.services.cloudformation.engine.v2.change_set_model import is_nothing
from localstack.services.cloudformation.engine.v2.change_set_model_executor import (
    ChangeSetModelExecutor,
)
from localstack.services.cloudformation.models import get_cloudformation_store

_DELETED = "DELETE_COMPLETE"


def install() -> None:
    """Refuse an import of what no stack exports: LocalStack leaves its property out."""
    original = ChangeSetModelExecutor.visit_node_intrinsic_function_fn_import_value

    def visit(self: ChangeSetModelExecutor, node: Any) -> Any:  # noqa: ANN401 - LocalStack is untyped
        found = original(self, node)
        name = self.visit(node.arguments).after
        if isinstance(name, str):
            if is_nothing(found.after):
                raise ValueError(f"No export named {name} found.")
            self.imports = {*getattr(self, "imports", ()), name}
        return found

    ChangeSetModelExecutor.visit_node_intrinsic_function_fn_import_value = visit


def problems(executor: ChangeSetModelExecutor) -> Iterator[str]:
    """Say which of the exports that an operation leaves CloudFormation would not take.

    To be asked before a deletion, and after another operation.
    """
    stack = executor._change_set.stack  # noqa: SLF001 - no other way in
    store = get_cloudformation_store(stack.account_id, stack.region_name)
    others = [
        one
        for one in store.stacks_v2.values()
        if one is not stack and one.status != _DELETED
    ]
    made = {
        output["ExportName"]: output["OutputValue"]
        for output in executor.outputs
        if "ExportName" in output
    }
    for other in others:
        its = other.stack_name
        for name in made.keys() & other.resolved_exports.keys():
            yield f"Export with name {name} is already exported by stack {its}."
        for name in stack.resolved_exports.keys() & getattr(other, "imports", ()):
            if made.get(name) != stack.resolved_exports[name]:
                done = "updated" if name in made else "deleted"
                yield f"Export {name} cannot be {done} as it is in use by {its}"
