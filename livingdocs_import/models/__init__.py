"""The models shared by all apps: projects, members, API clients, webhooks, hosts, operations, worker processes."""

from livingdocs_import.models.access_token import AccessToken
from livingdocs_import.models.external_identity import ExternalIdentity
from livingdocs_import.models.hosts import HostBrake, HostCircuit, ServiceOutage
from livingdocs_import.models.idempotency import IdempotentAnswer
from livingdocs_import.models.membership import Membership, Role
from livingdocs_import.models.operation import Operation, OperationFailure, SelectedRow
from livingdocs_import.models.project import Project, ProjectConfigRevision
from livingdocs_import.models.webhook_delivery import WebhookAttempt, WebhookDelivery
from livingdocs_import.models.webhook_receivers import ProjectReceiver, ReceiverDay, WebhookReceiver
from livingdocs_import.models.worker_process import WorkerProcess

__all__ = [
    "AccessToken",
    "ExternalIdentity",
    "HostBrake",
    "HostCircuit",
    "IdempotentAnswer",
    "Membership",
    "Operation",
    "OperationFailure",
    "Project",
    "ProjectConfigRevision",
    "ProjectReceiver",
    "ReceiverDay",
    "Role",
    "SelectedRow",
    "ServiceOutage",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookReceiver",
    "WorkerProcess",
]
