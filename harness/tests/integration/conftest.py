"""What the tests of emulators share."""

import boto3
import pytest

from sam_harness.emulator.emulator import Emulator


@pytest.fixture(scope="session")
def session(emulator: Emulator, account_id: str) -> boto3.Session:
    """Return a session in this worker's account."""
    return emulator.session(account_id)
