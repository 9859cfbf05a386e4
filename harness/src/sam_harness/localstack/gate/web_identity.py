"""Who a web identity token says is calling, for AssumeRoleWithWebIdentity.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
The token's signature is not verified: what issues tokens is out of LocalStack's reach.
Everything else is: the account has a provider of its issuer, which knows the audience,
and the token is not over.
"""

import base64
import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sam_harness.errors import HarnessError

# What AWS makes condition keys of, with the issuer before it.
_CLAIMS = ("amr", "aud", "sub")


class InvalidToken(HarnessError):  # noqa: N818 - AWS calls it InvalidIdentityToken
    """A token that STS would not take."""


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """``principal``: the provider's ARN; ``keys``: condition keys of the claims."""

    principal: str
    keys: Mapping[str, str]

    @property
    def source_arn(self) -> None:
        """No resource calls."""


def read(
    token: str, role: str, audiences: Callable[[str], Collection[str]]
) -> WebIdentity:
    """Return the caller of a token, in the account of the role that it asks for.

    ``audiences``: those that a provider knows, by its ARN; none where there is none.

    Raises:
        InvalidToken: it is no JSON Web Token, lacks a claim or is over, or it is of a
            provider or for an audience that the account does not know.

    """
    claims = _claims(token)
    issuer = str(claims.get("iss", "")).removeprefix("https://").rstrip("/")
    audience = claims.get("aud")
    if not issuer or not isinstance(audience, str) or "sub" not in claims:
        raise InvalidToken("the web identity token lacks iss, aud or sub")
    if float(claims.get("exp", 0)) < time.time():
        raise InvalidToken("the web identity token is expired, or says not when it is")
    partition, account = role.split(":")[1], role.split(":")[4]
    keys = {f"{issuer}:{name}": str(claims[name]) for name in _CLAIMS if name in claims}
    provider = f"arn:{partition}:iam::{account}:oidc-provider/{issuer}"
    if audience not in audiences(provider):
        raise InvalidToken(f"{provider} is not there, or has no {audience}")
    return WebIdentity(provider, keys)


def _claims(token: str) -> Mapping[str, Any]:
    try:
        _, payload, _ = token.split(".")
        padded = payload + "=" * (-len(payload) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except ValueError as error:
        raise InvalidToken(f"the web identity token is no JWT: {error}") from None
    if not isinstance(claims, dict):
        raise InvalidToken("the web identity token has no claims")
    return claims
