"""What the harness says when it cannot go on."""


class HarnessError(Exception):
    """Something failed; the message names the file or resource. Exit status 1."""

    exit_status = 1


class UsageError(HarnessError):
    """The call itself is wrong (missing file, unknown option). Exit status 2."""

    exit_status = 2
