"""The fake AWS of the harness's own unit tests serves the service's, too."""

from harness.tests.unit.conftest import empty_aws, shared_moto, shared_service_models

__all__ = ["empty_aws", "shared_moto", "shared_service_models"]
