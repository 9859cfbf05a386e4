"""How LocalStack listens, reads, and when the corrections of a service are installed.

LocalStack loads most of itself at the first call of a service, and the corrections of
that service follow then: to install all of them at the start would double its time.
"""

import json
from importlib import import_module

from localstack import config
from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.utils import event_matcher
from plux import PluginException, PluginLifecycleListener, PluginSpec
from twisted.internet import endpoints

from sam_harness.localstack.corrections import events_patterns

type Json = dict[str, object]

# Once they are parsed, what came is gone.
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# Service -> a module with install(), called once LocalStack has loaded the service.
OF_SERVICE = {
    "apigateway": "sam_harness.localstack.corrections.apigateway",
    "cloudformation": "sam_harness.localstack.corrections.cloudformation",
    "dynamodb": "sam_harness.localstack.corrections.dynamodb.moto_backend",
    "events": "sam_harness.localstack.corrections.events",
    "lambda": "sam_harness.localstack.corrections.lambda_",
    "sns": "sam_harness.localstack.corrections.sns",
    "sqs": "sam_harness.localstack.corrections.sqs",
    "stepfunctions": "sam_harness.localstack.corrections.stepfunctions_rules",
}


def install() -> None:
    """Correct what has to be right before LocalStack serves, and prepare the rest."""
    _listen_where_told()
    _match_as_eventbridge()
    handlers.preprocess_request.append(_keep_form)
    SERVICE_PLUGINS.plugin_manager.add_listener(_Corrections())


class _Corrections(PluginLifecycleListener):  # type: ignore[misc] # plux is untyped
    def on_load_after(self, spec: PluginSpec, *_loaded: object) -> None:
        service = spec.name.partition(":")[0]
        if module := OF_SERVICE.get(service):
            try:
                import_module(module).install()
            except Exception as error:  # fail closed: uncorrected it must not serve
                # Any other exception is only logged.
                raise PluginException(f"{service} cannot be corrected") from error


def _keep_form(_chain: object, context: RequestContext, _response: object) -> None:
    if context.request.mimetype in FORMS:
        context.request.get_data()  # from now on it has its body


def _listen_where_told() -> None:
    # LocalStack drops the host of GATEWAY_LISTEN and listens on every interface.
    def listen(reactor: object, port: int, interface: str = "") -> object:
        hosts = {each.port: each.host for each in config.GATEWAY_LISTEN}
        return original(reactor, port, interface=interface or hosts.get(port, ""))

    original = endpoints.TCP4ServerEndpoint
    endpoints.TCP4ServerEndpoint = listen


def _match_as_eventbridge() -> None:
    # Before a service takes it by its name.
    def matches_event(event_pattern: str | Json | None, event: str | Json) -> bool:
        asked, told = (
            json.loads(one) if isinstance(one, str) else one
            for one in (event_pattern, event)
        )
        return not asked or events_patterns.matches(asked, told)

    event_matcher.matches_event = matches_event
