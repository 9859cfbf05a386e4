"""What a request and a message must look like."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.functional_validators import AfterValidator

# Of fields whose rule pydantic words in its own way.
MESSAGES = {
    "orderId": "must be 1-64 characters of A-Z a-z 0-9 . _ -",
    "reason": "must be 1-500 characters of text, not blank",
}


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a JSON number")
    return Decimal(str(value))


def _amount(value: Decimal) -> Decimal:
    if not 0 < value <= Decimal("9999999.99"):
        raise ValueError("must be above 0 and at most 9999999.99")
    if value != value.quantize(Decimal("0.01")):
        raise ValueError("must have at most 2 decimals")
    return value.quantize(Decimal("0.01"))


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("blank")
    return value


class RefundBody(BaseModel):
    """The body of POST /refunds."""

    model_config = ConfigDict(extra="forbid")
    order_id: str = Field(alias="orderId", pattern=r"^[A-Za-z0-9._-]{1,64}$")
    amount: Annotated[Decimal, BeforeValidator(_number), AfterValidator(_amount)]
    reason: Annotated[str, Field(max_length=500), AfterValidator(_not_blank)]


class Message(BaseModel):
    """The body of a message."""

    version: int
    refund_id: str = Field(alias="refundId")
