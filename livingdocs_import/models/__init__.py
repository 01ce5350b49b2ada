"""The models shared by all apps: projects and their configurations, API clients, webhooks, hosts, worker processes."""

from livingdocs_import.models.access_token import AccessToken
from livingdocs_import.models.hosts import HostBrake, HostCircuit, ServiceOutage
from livingdocs_import.models.idempotency import IdempotentAnswer
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
    "Project",
    "ProjectConfigRevision",
    "ProjectWebhook",
    "ServiceOutage",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookReceiver",
    "WorkerProcess",
]
