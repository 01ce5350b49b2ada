"""The claims of an access token for third parties (TOK-01). This service uses only the `jti`, which finds the row."""

import secrets
from datetime import datetime

from django.utils import timezone

from livingdocs_import.models.project import Project


def of(project: Project, jti: str, name: str, scopes: list[str], expires_at: datetime | None) -> dict[str, str | int]:
    """The claims of a new token; without `exp` it never expires."""
    claims: dict[str, str | int] = {
        "scope": " ".join(scopes),
        "name": name,
        "projectId": project.pk,
        "channelId": project.channel_id,
        "type": "client",
        "jti": jti,
        "code": jti,
        "iat": int(timezone.now().timestamp()),
        # Otherwise the signing key would suffice to recreate a token from what the admin and logs show of it.
        "nonce": secrets.token_urlsafe(16),
    }
    return claims if expires_at is None else claims | {"exp": int(expires_at.timestamp())}
