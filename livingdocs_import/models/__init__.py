"""The models shared by all apps: projects, configurations, members, API clients, webhooks, hosts, worker processes."""

from livingdocs_import.models.access_token import AccessToken
from livingdocs_import.models.hosts import HostBrake, HostCircuit, ServiceOutage
from livingdocs_import.models.idempotency import IdempotentAnswer
from livingdocs_import.models.membership import Membership, Role
from livingdocs_import.models.project import Project, ProjectConfigRevision
from livingdocs_import.models.webhook_delivery import (
    ProjectWebhook,
    WebhookAttempt,
    WebhookDelivery,
    WebhookReceiver,
)
from livingdocs_import.models.worker_process import WorkerProcess

__all__ = [
    "AccessToken",
    "HostBrake",
    "HostCircuit",
    "IdempotentAnswer",
    "Membership",
    "Project",
    "ProjectConfigRevision",
    "ProjectWebhook",
    "Role",
    "ServiceOutage",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookReceiver",
    "WorkerProcess",
]
