"""What the policies of a template allow, and how they are written."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from samtranslator.policy_template_processor.processor import PolicyTemplatesProcessor

from sam_harness.iam.reference import actions, matching
from sam_harness.policy.rule import ResolvedTemplate, Violation, known, mapping, rule
from sam_harness.policy.statements import allowing
from sam_harness.project import Profile
from sam_harness.template.names import type_of

# What only a request or a deployment can tell.
_ANYTHING = re.compile(r"<unknown: .*?>|\$\{.*?\}|\{\{.*?\}\}")
_MAKE = ("Allocate", "Copy", "Create", "Import", "Run", "Submit")
# What they are on need not be there, and * alone allows them then. AWS's reference does
# not tell it from one of several kinds: of s3:GetObject's both are optional.
_ALSO_ON_NONE = re.compile(
    "ce:get(cost|dimension|tags|usage).*|comprehend:detectentities|"
    "polly:synthesizespeech|rekognition:detectmoderationlabels|"
    "s3-object-lambda:writegetobjectresponse|translate:translate(document|text)"
)
_PLACEHOLDER = re.compile(r"\$\{\w+\}")


@rule("E9001", Profile.DEFAULT)
def _whole_service(template: ResolvedTemplate) -> Iterator[Violation]:
    """An Allow statement names actions: not all of a service, and no NotAction."""
    for statement in allowing(template):
        if "NotAction" in statement.body:
            message = "NotAction allows every action but the named: name the needed"
            yield Violation((*statement.path, "NotAction"), message)
        for path, action in statement.texts("Action"):
            if action.rpartition(":")[2] == "*":
                yield Violation(path, f"{action} allows more than one action: name it")


@rule("E9002", Profile.DEFAULT)
def _wildcard_resource(template: ResolvedTemplate) -> Iterator[Violation]:
    """An Allow statement names the resources of actions that know any."""
    guessed = _guessed(template)
    for statement in allowing(template):
        if not statement.of_identity:
            continue
        if "NotResource" in statement.body:
            message = "NotResource covers every resource but the named: name the needed"
            yield Violation((*statement.path, "NotResource"), message)
        narrow = [one for one in statement.actions if _knows_resources(one)]
        if statement.actions and not narrow:
            continue
        others = [one for one in statement.actions if one not in narrow]
        for path, resource in statement.wildcards():
            if not _is_below_a_name(resource, statement.actions, guessed):
                message = f'"{resource}" is more than one resource: name the ARNs'
                if others:
                    message += (
                        f" that {_some(narrow)} is on; * alone is for {_some(others)},"
                        " in a statement of its own"
                    )
                yield Violation(path, message)


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def _knows_resources(action: str) -> bool:
    """Tell whether an action can be limited to resources; one not known may be."""
    found, service = matching(action), action.partition(":")[0].lower()
    return not found or any(
        one.arns and not _ALSO_ON_NONE.fullmatch(f"{service}:{name}".lower())
        for name, one in found.items()
    )


def _guessed(template: ResolvedTemplate) -> tuple[str, ...]:
    """Return the ARNs that only look right, as not enough is known of their types."""
    return tuple(
        template.identity(element).arn
        for element in template.elements()
        if not type_of(element.kind).arn
    )


def _is_below_a_name(
    resource: str, actions: list[str], guessed: tuple[str, ...]
) -> bool:
    """Tell whether an ARN names a resource and leaves open what is within it.

    One that an action is to make has no id yet: it is named as far as can be.
    """
    return resource.startswith(guessed) or any(
        _named(form, action.partition(":")[2].startswith(_MAKE)).match(resource)
        for action in actions
        for one in matching(action).values()
        for form in one.arns
    )


@cache
def _named(form: str, is_made: bool) -> re.Pattern[str]:  # noqa: FBT001 - private
    """Return what ARNs match that fill the first name of a format; regions are none."""
    *place, rest = form.split(":", 5)
    start, _, name = rest.partition("${")
    owner = ":".join("[^:]*" if "${" in part else part for part in place)
    has_id = is_made and name.partition("}")[0].endswith("Id")
    filled = r"([^*?:/]+(/|$)|[^*?:]+(:|$))" + (r"|\*$" if has_id else "")
    return re.compile(f"{owner}:{re.escape(start)}({filled if name else '$'})")


@rule("E9008", Profile.STRICT)
def _any_wildcard(template: ResolvedTemplate) -> Iterator[Violation]:
    """An Allow statement has no wildcard in an action's name or below a resource."""
    guessed = _guessed(template)
    for statement in allowing(template):
        for path, action in statement.texts("Action"):
            is_whole = action.rpartition(":")[2] == "*"
            if ("*" in action or "?" in action) and not is_whole:
                yield Violation(path, f"{action} allows more than one action: name it")
        for path, resource in statement.wildcards() if statement.of_identity else ():
            if _is_below_a_name(resource, statement.actions, guessed):
                message = (
                    f'"{resource}" is more than one resource: name the ARNs, or if '
                    "they have no names yet make it an exception"
                )
                yield Violation(path, message)


@rule("E9009", Profile.DEFAULT)
def _on_nothing(template: ResolvedTemplate) -> Iterator[Violation]:
    """Each action that an Allow statement names is on one of its resources."""
    guessed = _guessed(template)
    for statement in allowing(template):
        resources = [_ANYTHING.sub("*", one) for _, one in statement.texts("Resource")]
        told = resources and all(
            one.startswith(("arn:", "*")) and not one.startswith(guessed)
            for one in resources
        )
        if not (statement.of_identity and told):
            continue
        for path, name in statement.texts("Action"):
            if all(_cannot_be_on(name, one) for one in resources):
                known_ones = matching(name).values()
                forms = {
                    form.split(":", 5)[-1] for it in known_ones for form in it.arns
                }
                takes = " or ".join(sorted(forms, key=len))
                message = f"{name} is on none of these resources, but on {takes}"
                yield Violation(path, message)


def _cannot_be_on(name: str, resource: str) -> bool:
    """Tell whether a resource is known to be none of an action's.

    It is of another service, or has another format than the action takes. Of tags and
    API Gateway the reference has some formats only, and of new ones none yet.
    """
    service = name.partition(":")[0]
    forms = [form for one in matching(name).values() for form in one.arns]
    if not forms or any(_is_of_format(resource, form) for form in forms):
        return False
    if not any(_meet(_service(resource), _service(form)) for form in forms):
        return True
    others = [form for one in actions(service).values() for form in one.arns]
    told = "tag" not in name.lower() and service != "apigateway"
    return told and any(_is_of_format(resource, form) for form in others)


def _service(arn: str) -> str:
    return (arn.split(":")[2:3] or ["*"])[0]


def _is_of_format(resource: str, form: str) -> bool:
    parts = resource.split(":", 5)
    parts += ["*"] * (6 - len(parts))
    others = _PLACEHOLDER.sub("*", form).split(":", 5)
    return all(map(_meet, parts, others))


@lru_cache(maxsize=10_000)
def _meet(one: str, other: str) -> bool:
    """Tell whether two patterns with ``*`` and ``?`` have a text in common."""
    if not (one and other):
        return not (one + other).strip("*")
    if one[0] == "*":
        return _meet(one[1:], other) or _meet(one, other[1:])
    if other[0] == "*":
        return _meet(other, one)
    same = one[0] == other[0] or "?" in {one[0], other[0]}
    return same and _meet(one[1:], other[1:])


@rule("E9003", Profile.STRICT)
def _managed_policy(template: ResolvedTemplate) -> Iterator[Violation]:
    """A function's role has no managed policy from outside the template."""
    users: dict[str, list[str]] = {}
    for function in template.elements("AWS::Lambda::Function"):
        role = template.find(function.properties.get("Role"), "AWS::IAM::Role")
        if role:
            users.setdefault(role.logical_id, []).append(function.logical_id)
    for role in template.elements("AWS::IAM::Role"):
        names = ", ".join(users.get(role.logical_id, []))
        policies = role.properties.get("ManagedPolicyArns")
        for i, policy in enumerate(policies if isinstance(policies, list) else ()):
            # One that this template defines is read by the rules above.
            own = template.find(policy, "AWS::IAM::ManagedPolicy")
            if names and not own:
                said = str(policy).rpartition("/")[2] if known(policy) else "a policy"
                message = f"the role of {names} has {said}: list the actions it needs"
                if not template.is_written_as(role):
                    message += " in a Role of your own, SAM puts such policies into its"
                yield Violation(role.at("ManagedPolicyArns", i), message)


@cache
def _templates() -> frozenset[str]:
    listed = PolicyTemplatesProcessor.get_default_policy_templates_json()
    return frozenset(listed["Templates"])


@rule("E9050", Profile.STRICT)
def _policy_template(template: ResolvedTemplate) -> Iterator[Violation]:
    """A resource's policies are written out, not taken from SAM's templates."""
    for logical_id, resource in template.source["Resources"].items():
        policies = mapping(resource.get("Properties")).get("Policies")
        for i, policy in enumerate(policies if isinstance(policies, list) else ()):
            for name in _templates() & mapping(policy).keys():
                message = f"{name} is a SAM policy template: write the exact statement"
                path = ("Resources", logical_id, "Properties", "Policies", i, name)
                yield Violation(path, message)
