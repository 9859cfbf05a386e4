"""What the harness knows of each AWS service: one module for each, nothing shared.

A module, or a package of a service that needs several, defines ``SERVICE``, and one
more for each other API of that service; to be in this folder is all it takes. The gate
imports this inside LocalStack: standard library only.
"""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from sam_harness.errors import HarnessError
from sam_harness.iam import unmapped
from sam_harness.iam.call import Authorization, Call, pass_role
from sam_harness.iam.service import ResourceType, Service


def found(folder: Iterable[str], package: str) -> Iterator[Service]:
    """Yield the services of each module in the folder of a package.

    Raises:
        HarnessError: a module defines none.
    """
    for module in iter_modules(folder, f"{package}."):
        names = vars(import_module(module.name)).values()
        services = [one for one in names if isinstance(one, Service)]
        if not services:
            raise HarnessError(f"{module.name} defines no SERVICE = Service(...)")
        yield from services


SERVICES: Mapping[str, Service] = {
    service.name: service for service in found(__path__, __name__)
}
_BY_PREFIX = {one.prefix or one.name: one for one in SERVICES.values()}
TYPES: Mapping[str, ResourceType] = {
    kind: one for service in SERVICES.values() for kind, one in service.types.items()
}


def named(service: str) -> Service:
    """Return a service by boto3's name; of one without a module the defaults."""
    return SERVICES.get(service) or Service(name=service)


def of_action(action: str) -> Service:
    """Return the service of an action such as ``sqs:SendMessage``."""
    prefix = action.partition(":")[0]
    return _BY_PREFIX.get(prefix) or Service(name=prefix)


def authorizations(call: Call) -> tuple[Authorization, ...]:
    """List all a caller must be allowed; empty: AWS asks for no permission at all.

    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

    Raises:
        UnknownOperation: there is no such rule, nor such an action; deny the call.
        MissingResource: the call names no resource; deny the call.
    """
    service = named(call.service)
    rule = service.rules.get(call.operation, service.other_rule)
    found = [*(rule(call) if rule else unmapped.authorizations(call, service))]
    if role := call.parameters.get(service.passes):
        found.append(pass_role(role, service.prefix or service.name))
    return tuple(unmapped.with_keys(call, service, one) for one in found)
