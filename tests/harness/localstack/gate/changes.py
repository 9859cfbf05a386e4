"""Which calls leave a service's policies and schemas alone; all others drop caches."""

# By the beginning of the operation's name. What is missing here costs time, no more.
_READS = ("Describe", "Get", "Head", "List", "Simulate")
_HARMLESS = {
    "dynamodb": ("Batch", "DeleteItem", "Execute", "PutItem", "Query", "Scan",
                 "Transact", "UpdateItem"),
    "iam": (),
    "lambda": ("Invoke",),
    "s3": ("AbortMultipart", "CompleteMultipart", "CopyObject", "CreateMultipart",
           "DeleteObject", "PutObject", "UploadPart"),
    "sns": ("Publish", "Subscribe", "Unsubscribe"),
    "sqs": ("ChangeMessage", "DeleteMessage", "PurgeQueue", "Receive", "SendMessage"),
}  # fmt: skip


def may_change(service: str, operation: str) -> bool:
    """Tell whether policies, or what the mapping looks up, may be others afterwards."""
    harmless = _HARMLESS.get(service)
    return harmless is not None and not operation.startswith((*_READS, *harmless))
