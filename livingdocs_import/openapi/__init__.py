"""OpenAPI 3.1 of each version, made by drf-spectacular of what the ViewSets declare (docs/adr/0032)."""
