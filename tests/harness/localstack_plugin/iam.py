"""LocalStack's IAM, without what only few stacks ask for."""

import functools

from localstack.services.iam.provider import IamProvider


class Iam(IamProvider):  # type: ignore[misc] # LocalStack is untyped
    """Does not read the managed policies before one is asked for."""

    def on_after_init(self) -> None:
        """Forget that there are none."""
        del self._aws_managed_policy_cache

    @functools.cached_property
    def _aws_managed_policy_cache(self) -> object:
        return self._build_aws_managed_policy_cache()  # 1,400 of them: 0.15 s
