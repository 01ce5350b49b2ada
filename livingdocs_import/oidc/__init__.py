"""Logging in to the admin by OpenID Connect, an extra: imported only if OIDC_ISSUER is set (docs/adr/0042)."""
