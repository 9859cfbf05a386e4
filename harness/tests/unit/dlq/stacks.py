"""What CloudFormation and Lambda list: moto's take a second of CPU to import."""

from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from urllib3 import HTTPResponse

# What moto leaves alone.
OURS = [
    r"https://cloudformation\.us-east-1\.",
    r"https://lambda\.us-east-1\.[^/]+/2015-03-31/event-source-mappings",
]
_MEMBER = """
<member>
  <LogicalResourceId>{0}</LogicalResourceId>
  <PhysicalResourceId>{1}</PhysicalResourceId>
  <ResourceType>AWS::SQS::Queue</ResourceType>
  <ResourceStatus>CREATE_COMPLETE</ResourceStatus>
</member>"""
_LISTED = """<ListStackResourcesResponse><ListStackResourcesResult>
<StackResourceSummaries>{}</StackResourceSummaries>
</ListStackResourcesResult></ListStackResourcesResponse>"""
_UNKNOWN = """<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>
<Message>Stack with id {} does not exist</Message></Error></ErrorResponse>"""


@dataclass(slots=True)
class Stacks:
    """Each stack's queues: their URLs by logical id."""

    queues: dict[str, dict[str, str]] = field(default_factory=dict)

    def answer(self, request: AWSPreparedRequest, **_event: object) -> AWSResponse:
        """Answer what a client is about to send to CloudFormation."""
        body = request.body
        asked = parse_qs(body.decode() if isinstance(body, bytes) else str(body))
        assert asked["Action"] == ["ListStackResources"]
        (stack,) = asked["StackName"]
        if stack not in self.queues:
            return _response(request, 400, _UNKNOWN.format(escape(stack)))
        members = (_MEMBER.format(*queue) for queue in self.queues[stack].items())
        return _response(request, 200, _LISTED.format("".join(members)))


def no_mappings(request: AWSPreparedRequest, **_event: object) -> AWSResponse:
    """Answer that no function consumes a queue."""
    assert "/event-source-mappings" in request.url
    return _response(request, 200, '{"EventSourceMappings": []}')


def _response(request: AWSPreparedRequest, status: int, text: str) -> AWSResponse:
    raw = HTTPResponse(BytesIO(text.encode()), preload_content=False)
    return AWSResponse(request.url, status, HTTPHeaders(), raw)


# One, also for the module of a conftest that is imported twice.
STACKS = Stacks()
