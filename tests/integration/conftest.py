"""What all integration tests share: one LocalStack (see harness.pytest_plugin)."""

pytest_plugins = ["harness.pytest_plugin"]
