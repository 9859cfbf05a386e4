"""Real API calls for cells of the matrix, and what their answers mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.access.probe import Answer
from harness.access.recipes import RECIPES
from harness.access.stack import Stack
from harness.access.thing import Parameters, Thing
from harness.errors import HarnessError

_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
# Code and HTTP status by service; the others answer as JSON services do.
_SPELT = {
    "cloudwatch": ("AccessDenied", 403),
    "iam": ("AccessDenied", 403),
    "lambda": ("AccessDeniedException", 403),
    "sns": ("AuthorizationError", 403),
    "sqs": ("AccessDenied", 403),
    "xray": ("AccessDeniedException", 403),
}
_JSON = ("AccessDeniedException", 400)


@dataclass(frozen=True, slots=True)
class Call:
    """``client(service).operation(**parameters)``, for an action on an ARN."""

    action: str
    arn: str
    operation: str
    parameters: Parameters
    reached: tuple[str, ...]
    destroys: bool

    @property
    def service(self) -> str:
        """The prefix in IAM, which is boto3's name too for what is called here."""
        return self.action.partition(":")[0]

    def to_probe(self) -> dict[str, object]:
        """Return it as the probe takes it."""
        return {
            "service": self.service,
            "operation": self.operation,
            "parameters": self.parameters,
        }

    def refused(self, answer: Answer) -> str | None:
        """Say why the answer is not AWS's denial of exactly this; None: it is."""
        code, status = _SPELT.get(self.service, _JSON)
        if (answer["code"], answer["status"]) != (code, status):
            return f"expected {code} ({status})"
        # SQS writes its actions in lower case, SNS its own prefix in capitals.
        if self.action.lower() not in answer["message"].lower():
            return f"the message does not name {self.action}"
        if self.arn not in answer["message"].replace('"', " ").split():
            return f"the message does not name {self.arn}"
        return None

    def served(self, answer: Answer) -> str | None:
        """Say why the answer is not the service's own; None: it is."""
        if answer["code"] in {"", *self.reached}:
            return None
        if answer["code"] in _DENIED:
            return "it was denied"
        return f"neither served nor denied, expected success or {self.reached}"


def call_of(action: str, arn: str, keys: Mapping[str, tuple[str, ...]]) -> Call:
    """Return the call for an action on a resource; ``keys`` as of `key_names`.

    Raises:
        HarnessError: nothing is known about calling the action.

    """
    recipe = RECIPES.get(action)
    if recipe is None:
        raise HarnessError(f"harness/access/recipes.py cannot call {action}: add it")
    parameters = recipe.parameters(Thing(arn, keys.get(arn, ("PK",))))
    return Call(
        action, arn, recipe.operation, parameters, recipe.reached, recipe.destroys
    )


def key_names(stack: Stack) -> dict[str, tuple[str, ...]]:
    """Return the key attributes of the stack's tables and indexes, by their ARN."""
    found = {}
    for table in stack.of_kind("AWS::DynamoDB::Table"):
        found[table.arn] = _names(table.properties)
        for index in table.properties.get("GlobalSecondaryIndexes") or []:
            found[f"{table.arn}/index/{index['IndexName']}"] = _names(index)
    return found


def _names(keyed: Mapping[str, list[dict[str, str]]]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in keyed["KeySchema"])
