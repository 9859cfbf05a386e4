"""DynamoDB's errors, sorted once by their code."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from refunds.domain.model import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from refunds.adapters.item import Item


class ConditionFailedError(Exception):
    """The write's condition did not hold; `item` is what is stored, if anything."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("condition failed")
        self.item = item


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Raise ConditionFailedError or UnavailableError instead of botocore's errors."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ConditionalCheckFailedException":
            response = cast("Mapping[str, Item]", error.response)
            raise ConditionFailedError(response.get("Item")) from None
        raise UnavailableError("table", code) from error
    except BotoCoreError as error:
        raise UnavailableError("table", type(error).__name__) from error
