"""What is known about the receivers of projects' webhooks moves to the rows of receivers."""

import re
import socket
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from urllib.parse import unquote

import idna
from django.db import migrations
from django.utils import timezone

SERVER = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[^\[\]:/?#@\\]+)(?::([0-9]{0,5}))?(?=[/?#]|$)", re.IGNORECASE)
ENCODED = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
SAME = ("url", "failing_since", "failures", "exhausted_at", "switched_off_at")


def receiver_name(url: str) -> str:
    """The canonical host and port as of this migration, whatever the service makes of the URL later."""
    match = SERVER.match(url.strip(" "))
    if match is None:
        return "invalid"
    scheme, host, port = match.groups()
    try:
        return f"{_host(host)}:{int(port or (80 if scheme.lower() == 'http' else 443))}"
    except (ValueError, OSError):
        return "invalid"


def _host(host: str) -> str:
    if host.startswith("["):
        return f"[{IPv6Address(host[1:-1])}]"
    host = ENCODED.sub(lambda encoded: unquote(encoded[0], errors="strict"), host)
    host = (host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")).lower().removesuffix(".")
    return str(IPv4Address(socket.inet_aton(host))) if NUMBER.fullmatch(host.rpartition(".")[2]) else host


def lane_of(project_id: int, url: str, handle: str) -> str:
    return f"{project_id} {receiver_name(url)} {handle}"


def copy(apps: Any, _editor: Any) -> None:
    """A row for each webhook that has failed: few."""
    receivers = apps.get_model("livingdocs_import", "ProjectReceiver").objects
    for old in apps.get_model("livingdocs_import", "ProjectWebhook").objects.order_by("pk").iterator():
        fields = {name: getattr(old, name) for name in SAME} | {"name": receiver_name(old.url), "webhook": old.handle}
        fields |= {"last_attempt_at": old.failing_since or timezone.now(), "project_id": old.project_id}
        receivers.get_or_create(lane=lane_of(old.project_id, old.url, old.handle), defaults=fields)


def copy_back(apps: Any, _editor: Any) -> None:
    """The reverse; the previous version knows no held deliveries: they are given up."""
    webhooks = apps.get_model("livingdocs_import", "ProjectWebhook").objects
    for row in apps.get_model("livingdocs_import", "ProjectReceiver").objects.exclude(webhook="").order_by("pk"):
        fields = {name: getattr(row, name) for name in SAME}
        webhooks.update_or_create(project_id=row.project_id, handle=row.webhook, defaults=fields)
    deliveries = apps.get_model("livingdocs_import", "WebhookDelivery").objects
    deliveries.filter(state="held").update(state="given up", ended_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("livingdocs_import", "0019_receivers_of_projects")]

    operations = [migrations.RunPython(copy, copy_back)]
