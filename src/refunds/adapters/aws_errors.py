"""AWS's errors, sorted once by their code."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from refunds.domain.model import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from refunds.adapters.item import Item

# What botocore, and the reading of an answer, raise for JSON of another shape.
_MISSHAPEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class ConditionFailedError(Exception):
    """The write's condition did not hold; `item` is what is stored, if anything."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("condition failed")
        self.item = item


@contextmanager
def sorted_errors(resource: str) -> Iterator[None]:
    """Raise ConditionFailedError or UnavailableError instead of botocore's errors.

    An answer that cannot be read is no answer: the block is the call and all that is
    read of its answer.
    """
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ConditionalCheckFailedException":
            response = cast("Mapping[str, Item]", error.response)
            raise ConditionFailedError(response.get("Item")) from None
        raise UnavailableError(resource, code) from error
    except (BotoCoreError, *_MISSHAPEN) as error:
        raise UnavailableError(resource, type(error).__name__) from error
