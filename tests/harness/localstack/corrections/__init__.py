"""Where LocalStack differs from AWS in a way that matters: what is put right, and when.

Most of LocalStack is loaded at the first call of a service, and so are the corrections
of that service; to correct all of them at the start would double its time.
"""

from importlib import import_module

from localstack.runtime.server import twisted as server
from localstack.services.plugins import SERVICE_PLUGINS
from plux import PluginException, PluginLifecycleListener, PluginSpec

# Service -> a module with install(), called once LocalStack has loaded the service.
OF_SERVICE = {
    "apigateway": "harness.localstack_plugin.apigateway_corrections",
    "cloudformation": "harness.localstack_plugin.cloudformation_corrections",
    "dynamodb": "harness.localstack_plugin.dynamodb_corrections",
    "lambda": "harness.localstack_plugin.lambda_corrections",
    "sqs": "harness.localstack_plugin.sqs_corrections",
}


def install() -> None:
    """Correct what has to be right before LocalStack serves, and prepare the rest."""
    _listen_where_told()
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


def _listen_where_told() -> None:
    # LocalStack drops the host of GATEWAY_LISTEN and listens on every interface.
    def listen(reactor: object, port: int, interface: str = "") -> object:
        hosts = {each.port: each.host for each in server.config.GATEWAY_LISTEN}
        return original(reactor, port, interface=interface or hosts.get(port, ""))

    original = server.endpoints.TCP4ServerEndpoint
    server.endpoints.TCP4ServerEndpoint = listen
