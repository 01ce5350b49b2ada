"""System checks: settings that contradict each other, and actions that forget their scopes."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError
from django.urls import URLPattern, URLResolver, get_resolver

from livingdocs_import import stored_secrets
from livingdocs_import.egress.ssrf import AddressPolicy
from livingdocs_import.probes import loaded_broker_connection
from livingdocs_import.security.trusted_proxies import TrustedProxies
from livingdocs_import.server.readiness import NotReady
from livingdocs_import.webhooks import operator_headers

MAX_STOP_SECONDS = 20  # seconds; the other ten are for storing results


@register(Tags.urls)
def actions_name_their_scopes(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """LI.E001: an action without `scopes` is a mistake, not a public endpoint; found at start, not by a customer."""
    return [
        Error(
            f"{viewset.__name__} does not say which scopes `{action}` needs.",
            hint=f'scopes = {{"{action}": ()}} means that no token is needed.',
            id="LI.E001",
        )
        for viewset, action in _actions(get_resolver())
        if action not in getattr(viewset, "scopes", {})
    ]


@register(Tags.urls)
def actions_are_described(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """LI.E010: an action that OpenAPI says nothing of."""
    return [
        Error(
            f"{viewset.__name__} does not describe `{action}` for OpenAPI.",
            hint=f'operations = {{"{action}": Operation(…)}}: see livingdocs_import/api/operations.py.',
            id="LI.E010",
        )
        for viewset, action in _actions(get_resolver())
        if action not in getattr(viewset, "operations", {})
    ]


def _actions(resolver: URLResolver) -> Iterator[tuple[type, str]]:
    """Each ViewSet in the URLs with its actions. Its class is not named: every process would import DRF for it."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _actions(entry)
        elif isinstance(entry, URLPattern):
            viewset, actions = getattr(entry.callback, "cls", None), getattr(entry.callback, "actions", {})
            if isinstance(viewset, type):
                yield from ((viewset, action) for action in dict.fromkeys(actions.values()))


@register(Tags.security)
def openid_connect_is_installed(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """LI.E011: OIDC_ISSUER is set, and its library is not there."""
    if not settings.OIDC_ISSUER or find_spec("authlib"):
        return []
    return [Error("OIDC_ISSUER is set without Authlib.", hint="Install requirements-oidc.txt.", id="LI.E011")]


@register(Tags.security)
def settings_make_sense(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """LI.E002 to LI.E004, LI.E006, LI.E007: errors that would otherwise only show with the first image."""
    messages: list[CheckMessage] = []
    try:
        AddressPolicy.parse(settings.FETCH_ALLOWED_NETWORKS, settings.FETCH_ALLOWED_PORTS)
    except ValueError as error:
        messages.append(Error(f"FETCH_ALLOWED_NETWORKS, FETCH_ALLOWED_PORTS: {error}", id="LI.E002"))
    try:
        TrustedProxies.parse(settings.TRUSTED_PROXIES)
    except ValueError as error:
        messages.append(Error(f"TRUSTED_PROXIES: {error}", hint="10.0.0.0/8,192.0.2.7,::1,unix", id="LI.E006"))
    try:
        operator_headers.entries(settings.WEBHOOK_HEADERS)
    except ValueError as error:
        messages.append(Error(f"WEBHOOK_HEADERS {error}", hint="See .env.example.", id="LI.E007"))
    if not settings.ASSET_STORAGE.startswith(("file:///", "s3://")):
        hint = "file:///absolute/dir or s3://bucket/prefix"
        messages.append(
            Error(f"ASSET_STORAGE={settings.ASSET_STORAGE}: there is no such kind of storage.", hint=hint, id="LI.E003")
        )
    numbers = (
        "IMPORT_CHUNK", "IMPORT_DOCUMENTS_CHUNK", "IMPORT_WINDOW", "IMPORT_LEASE_SECONDS",
        "API_MAX_ITEMS",
    )  # fmt: skip
    messages += [
        Error(f"{name}={getattr(settings, name)}: must be 1 or more.", id="LI.E004")
        for name in numbers
        if getattr(settings, name) < 1
    ]
    if not settings.IMPORT_RETRY_SECONDS:
        messages.append(Error("IMPORT_RETRY_SECONDS is empty.", hint="IMPORT_RETRY_SECONDS=2,10", id="LI.E004"))
    return messages


@register(Tags.compatibility, deploy=True)
def the_broker_can_be_spoken_to(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """LI.E009: the broker's transport must be importable. No connection is made."""
    if not settings.CELERY_BROKER_URL:
        return []
    try:
        loaded_broker_connection()
    except NotReady as error:
        hint = f"{error.__cause__!r}: install requirements.txt again, or name another broker."
        return [Error(f"CELERY_BROKER_URL: {error}.", hint=hint, id="LI.E009")]
    return []


@register(Tags.security, deploy=True)
def nothing_is_opened_by_accident(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """LI.W001: private addresses that may be fetched from; right for an intranet, otherwise a mistake."""
    if not settings.FETCH_ALLOWED_NETWORKS:
        return []
    named = ", ".join(settings.FETCH_ALLOWED_NETWORKS)
    return [Warning(f"FETCH_ALLOWED_NETWORKS opens {named} to all API clients that may import.", id="LI.W001")]


@register(Tags.security, deploy=True)
def tokens_have_a_key_of_their_own(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """LI.W004: the key that signs tokens is derived from another one and changes with it. A weak key prevents the
    start."""
    if settings.TOKEN_SIGNING_KEYS:
        return []
    problem = "TOKEN_SIGNING_KEYS is not set: access tokens are signed with what is derived from FIELD_ENCRYPTION_KEYS."
    hint = "`openssl genpkey -algorithm ed25519 -outform DER | openssl base64 -A` makes a key. See docs/operations.md."
    return [Warning(problem, hint=hint, id="LI.W004")]


@register(Tags.compatibility, deploy=True)
def nothing_is_set_that_is_not_read(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """LI.W003: settings of an earlier version; without --deploy they are reported when the process starts."""
    return [Warning(sentence, id="LI.W003") for sentence in settings.RETIRED_SETTINGS]


@register(Tags.security, deploy=True)
def a_deploy_need_not_kill(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """LI.W002: time-outs with which a worker may still be busy when it is killed, 30 seconds after SIGTERM (FLT-3)."""
    names = ("WORKER_STOP_SECONDS", "FETCH_READ_SECONDS", "WEBHOOK_TIMEOUT_SECONDS", "IMPORT_CHUNK_SECONDS")
    hint = "What is killed is done again after IMPORT_LEASE_SECONDS, and counts as an attempt."
    return [
        Warning(f"{name}={getattr(settings, name)}: a worker may need that long to stop.", hint=hint, id="LI.W002")
        for name in names
        if getattr(settings, name) > MAX_STOP_SECONDS
    ]


@register(Tags.database)
def secrets_can_be_read(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """LI.E005: stored secrets that no key can decrypt; run by `check --database default`, not by every command."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        unreadable = stored_secrets.unreadable()
    except DatabaseError:  # before the first migration, or without a database: other checks report that
        return []
    hint = "Add the key that encrypted it to FIELD_ENCRYPTION_KEYS, or set the secret anew."
    return [
        Error(f"{place} cannot be decrypted: webhooks wait unsent.", hint=hint, id="LI.E005") for place in unreadable
    ]
