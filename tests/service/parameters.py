"""What can be set about speed and cost, each lever where nobody has it by default.

docs/deploy.md says what each is for, not_provable.LEVERS what LocalStack makes of it.
"""

SET = {
    "ReceiverMemoryMegabytes": "1769",
    "ProcessorMemoryMegabytes": "1024",
    "ReaderMemoryMegabytes": "128",
    "Architecture": "x86_64",
    "SnapStart": "PublishedVersions",
    "MaximumConcurrency": "0",
    "MaximumPollers": "20",
}
