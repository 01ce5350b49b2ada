"""Django's backend for PostgreSQL, with less work per request."""
