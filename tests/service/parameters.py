"""Parameters that tests deploy the service with, besides the template's defaults."""

# Short timeouts, so that a failure takes seconds, and few receives, so that the DLQ is
# seen; no test waits because another one's orders are not answered, and none is
# throttled.
IMPATIENT = {
    "Stage": "local",
    "GatewayReadTimeoutSeconds": "1",
    "ProcessorTimeoutSeconds": "5",
    "VisibilityTimeoutSeconds": "5",
    "LongestRetrySeconds": "2",
    "MaxReceiveCount": "3",
    "GatewayPauseSeconds": "0",
    "ThrottleRate": "1000",
    "ThrottleBurst": "1000",
}

# Each lever of speed and cost, set to another value than its default. docs/deploy.md
# says what each is for, the list after a run what LocalStack makes of it.
SPEED_AND_COST = {
    "ReceiverMemoryMegabytes": "1769",
    "ProcessorMemoryMegabytes": "1024",
    "ReaderMemoryMegabytes": "128",
    "Architecture": "x86_64",
    "SnapStart": "PublishedVersions",
    "MaximumConcurrency": "0",
    "MaximumPollers": "20",
}
