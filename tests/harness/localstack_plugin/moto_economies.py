"""What moto spends time on that nobody here has a use for; imports moto only."""

from moto.kms import models
from moto.kms.utils import AbstractPrivateKey, KeySpec, generate_private_key


def install() -> None:
    """Save it; a repeat changes nothing."""
    # An account's first encrypted table gets a symmetric key, and moto makes an RSA key
    # for it: 0.1 s, in which LocalStack does nothing else.
    vars(models)["generate_private_key"] = _generate_private_key


def _generate_private_key(key_spec: str) -> AbstractPrivateKey | None:
    if key_spec == KeySpec.SYMMETRIC_DEFAULT:
        return None
    return generate_private_key(key_spec)
