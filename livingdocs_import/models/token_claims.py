"""What an access token tells third parties (TOK-01). Here only the `jti` counts, which finds its row."""

import secrets
from datetime import datetime

from django.utils import timezone

from livingdocs_import.models.project import Project


def of(project: Project, jti: str, name: str, scopes: list[str], expires_at: datetime | None) -> dict[str, str | int]:
    """The claims of a token that is made now; without `exp` it never expires."""
    claims: dict[str, str | int] = {
        "scope": " ".join(scopes),
        "name": name,
        "projectId": project.pk,
        "channelId": project.channel_id,
        "type": "client",
        "jti": jti,
        "code": jti,
        "iat": int(timezone.now().timestamp()),
        # Otherwise whoever had the signing key could make a token again of what the admin and logs tell about it.
        "nonce": secrets.token_urlsafe(16),
    }
    return claims if expires_at is None else claims | {"exp": int(expires_at.timestamp())}
