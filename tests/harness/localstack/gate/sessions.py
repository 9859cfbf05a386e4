"""Role sessions: what STS handed out, to whom, and with which session policies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harness.iam.policy import Policy, PolicyKind, compile_policy
from harness.iam.principals import Principal

_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """Credentials of a role; ``managed`` are ARNs of managed session policies."""

    principal: Principal
    expires: datetime
    inline: Policy | None = None
    managed: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)


class Sessions:
    """Sessions by access key."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def learn(self, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Remember what an answer of AssumeRole, or of a relative of it, gives out.

        Raises:
            MalformedPolicy: STS on AWS would have refused the session policy.

        """
        credentials = answer["Credentials"]
        self._forget_expired()
        self._sessions[credentials["AccessKeyId"]] = Session(
            Principal.parse(answer["AssumedRoleUser"]["Arn"], asked["RoleArn"]),
            credentials["Expiration"],
            _inline(asked),
            tuple(one["arn"] for one in asked.get("PolicyArns") or ()),
            _context(asked, answer),
        )

    def find(self, access_key: str) -> Session | None:
        """Return the session of a key; None: STS never gave it out, or it is over."""
        session = self._sessions.get(access_key)
        return session if session and session.expires > datetime.now(UTC) else None

    def _forget_expired(self) -> None:
        if len(self._sessions) > _MANY:
            now = datetime.now(UTC)
            kept = dict(self._sessions)
            self._sessions = {k: one for k, one in kept.items() if one.expires > now}


def _inline(asked: Mapping[str, Any]) -> Policy | None:
    if not (text := asked.get("Policy")):
        return None
    name = f"session policy of {asked['RoleSessionName']}"
    return compile_policy(json.loads(text), PolicyKind.SESSION, name)


def _context(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, str]:
    tags = {
        f"aws:PrincipalTag/{tag['Key']}": tag["Value"]
        for tag in asked.get("Tags") or ()
    }
    return {**tags, "aws:userid": answer["AssumedRoleUser"]["AssumedRoleId"]}
