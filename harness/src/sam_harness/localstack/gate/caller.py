"""Which principal makes a call: a service, or a role's session, by its key or token.

Condition keys that every request has:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import base64
import json
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sam_harness.errors import HarnessError
from sam_harness.iam.call import keys_of_tags
from sam_harness.iam.policy import Policy, PolicyKind, compile_policy
from sam_harness.iam.request import Principal

# Twelve digits are LocalStack's way to name an account; `test` is what its users write;
# the last is what its services sign with when they call one another.
_HARNESS = re.compile(r"\d{12}|test|__internal_call__")
_KEY = re.compile(r"AWS4-\S+ Credential=([^/,\s]+)/|AWS ([^:\s]+):")
# LocalStack's stand-in where a request is not signed at all.
UNSIGNED = "injectedaccesskey"
# LocalStack is reached over HTTP on this machine, AWS over TLS: without this, every
# policy that denies what is not encrypted would deny everything. Declared here only,
# as is its version, of which S3 has a key.
SECURE_TRANSPORT = "true"
# The ARN of its log groups ends with :*, which LocalStack leaves out.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
_LOGS = "logs.amazonaws.com"
# They may not publish by the policy that SNS gives a topic.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
_WITHOUT_OWNER = {"events.amazonaws.com", "s3.amazonaws.com"}
_IDENTITY = "aws:SourceIdentity"
# Claims of a token that AWS makes condition keys of, with the issuer before them.
_CLAIMS = ("amr", "aud", "sub")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Service:
    """A service that calls another one on behalf of a resource, if it says which."""

    principal: str
    source_arn: str | None = None


def access_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Return the key that a request, or the URL of a presigned one, is signed with."""
    if credential := query.get("X-Amz-Credential"):
        return credential.partition("/")[0]
    if old_style := query.get("AWSAccessKeyId"):
        return old_style
    found = _KEY.match(headers.get("Authorization", ""))
    return (found[1] or found[2]) if found else UNSIGNED


def session_token(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Return the token that comes with that key."""
    names = ("X-Amz-Security-Token", "x-amz-security-token")  # the latter is old style
    in_url = next((query[name] for name in names if name in query), "")
    return in_url or headers.get(names[0], "")


def is_over(query: Mapping[str, str]) -> bool:
    """Tell whether a presigned URL has expired; its signature is not looked at.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    """
    try:
        if lasts := query.get("X-Amz-Expires"):
            signed = datetime.strptime(query.get("X-Amz-Date", ""), "%Y%m%dT%H%M%S%z")
            return signed.timestamp() + int(lasts) < time.time()
        # Also a query of an older API, which may have a Timestamp instead.
        is_old = "AWSAccessKeyId" in query and "Expires" in query
        return is_old and int(query["Expires"]) < time.time()
    except (OverflowError, ValueError):  # what cannot be read lasts no time
        return True


def is_harness(key: str) -> bool:
    """Tell whether the key is an administrator's: the harness's or LocalStack's own."""
    return bool(_HARNESS.fullmatch(key))


def service_of(internal: Mapping[str, str | None] | None) -> Service | None:
    """Return the service that LocalStack says it is calling as, if any."""
    if not internal or not (name := internal.get("service_principal")):
        return None
    principal = name if "." in name else f"{name}.amazonaws.com"
    source = internal.get("source_arn")
    if principal == _LOGS and source and not source.endswith(":*"):
        source = f"{source}:*"
    return Service(principal, source)


@dataclass(frozen=True, slots=True)
class Session:
    """Credentials of a role; ``managed`` are ARNs of managed session policies.

    ``passed_on``: what is in the context of sessions that this one assumes, too.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
    """

    principal: Principal
    expires: datetime
    inline: Policy | None
    managed: tuple[str, ...]
    context: Mapping[str, str]
    passed_on: Mapping[str, str]
    token: str = ""

    @classmethod
    def of(cls, principal: Principal) -> "Session":
        """Return a session of a role with nothing besides."""
        return cls(principal, datetime.max.replace(tzinfo=UTC), None, (), {}, {})


class Sessions:
    """Sessions by access key."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def learn(
        self, asked: Mapping[str, Any], answer: Mapping[str, Any], by: str
    ) -> None:
        """Remember what an answer of AssumeRole, or of a relative of it, gives out.

        ``by``: the access key of who asked.

        Raises:
            MalformedPolicy: STS on AWS would have refused the session policy.
        """
        credentials, source = answer["Credentials"], self.find(by)
        kept = dict(source.passed_on) if source else {}
        context = _context(asked, answer) | kept
        transitive = dict.fromkeys(asked.get("TransitiveTagKeys") or (), "")
        names = {*keys_of_tags("aws:PrincipalTag", transitive), _IDENTITY, *kept}
        self._sessions[credentials["AccessKeyId"]] = Session(
            Principal.parse(answer["AssumedRoleUser"]["Arn"], asked["RoleArn"]),
            credentials["Expiration"],
            _inline(asked),
            tuple(one["arn"] for one in asked.get("PolicyArns") or ()),
            context,
            {key: value for key, value in context.items() if key in names},
            credentials["SessionToken"],
        )

    def find(self, access_key: str) -> Session | None:
        """Return the session of a key; None: STS never gave it out, or it is over."""
        session = self._sessions.get(access_key)
        return session if session and session.expires > datetime.now(UTC) else None


def _inline(asked: Mapping[str, Any]) -> Policy | None:
    if not (text := asked.get("Policy")):
        return None
    name = f"session policy of {asked['RoleSessionName']}"
    return compile_policy(json.loads(text), PolicyKind.SESSION, name)


def _context(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, str]:
    context = keys_of_tags("aws:PrincipalTag", asked.get("Tags"))
    if identity := asked.get("SourceIdentity"):
        context[_IDENTITY] = identity
    if not asked.get("SerialNumber"):
        context["aws:MultiFactorAuthPresent"] = "false"
    # It ends with the name of the session, for which there is no other key.
    context["aws:userid"] = answer["AssumedRoleUser"]["AssumedRoleId"]
    return context | {"aws:TokenIssueTime": datetime.now(UTC).strftime(_TIME)}


def keys_of_request(region: str) -> dict[str, str]:
    """Return the keys of a request that is made now."""
    now = datetime.now(UTC)
    return {
        "aws:CurrentTime": now.strftime(_TIME),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:RequestedRegion": region,
        "aws:SecureTransport": SECURE_TRANSPORT,
        "s3:TlsVersion": "1.3",
        # No service of LocalStack calls another with the caller's own credentials.
        "aws:ViaAWSService": "false",
    }


def keys_of_client(address: str | None, user_agent: str | None) -> dict[str, str]:
    """Return the keys of who sent a request; within LocalStack there is no address."""
    keys = {"aws:SourceIp": address, "aws:UserAgent": user_agent}
    return {key: value for key, value in keys.items() if value}


def keys_of_service(service: Service, account: str) -> dict[str, str]:
    """Return the keys that a calling service adds: for which resource it calls.

    ``account`` is the source's where its ARN names none, as that of an S3 bucket.
    """
    if not service.source_arn:
        return {}
    parts = service.source_arn.split(":")
    source = (parts[4] if len(parts) > 5 else "") or account
    # To the DLQ of a subscription SNS sends for the topic.
    # https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
    arn = ":".join(parts[:6]) if parts[2:3] == ["sns"] else service.source_arn
    keys = {"aws:SourceArn": arn, "aws:SourceAccount": source}
    # SNS's own old name for the account is in the policies that it makes itself.
    owner = {} if service.principal in _WITHOUT_OWNER else {"aws:SourceOwner": source}
    return keys | owner


class InvalidToken(HarnessError):  # noqa: N818 - AWS calls it InvalidIdentityToken
    """A token that STS would not take."""


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """``principal``: the provider's ARN; ``keys``: condition keys of the claims."""

    principal: str
    keys: Mapping[str, object]

    @property
    def source_arn(self) -> None:
        """No resource calls."""


def of_token(
    token: str, role: str, audiences: Callable[[str], Collection[str]]
) -> WebIdentity:
    """Return the caller of a token, in the account of the role that it asks for.

    The token's signature is not verified: what issues tokens is out of LocalStack's
    reach. Everything else is: the account has a provider of its issuer, which knows the
    audience, and the token is not over.
    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html

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
    told = {name: claims.get(name) for name in _CLAIMS}
    keys = {f"{issuer}:{name}": one for name, one in told.items() if one is not None}
    provider = f"arn:{partition}:iam::{account}:oidc-provider/{issuer}"
    if audience not in audiences(provider):
        raise InvalidToken(f"{provider} is not there, or has no {audience}")
    return WebIdentity(provider, keys)


def _claims(token: str) -> Mapping[str, Any]:
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(f"{payload}=="))
    except ValueError as error:
        raise InvalidToken(f"the web identity token is no JWT: {error}") from None
    if not isinstance(claims, dict):
        raise InvalidToken("the web identity token has no claims")
    return claims
