"""Conventions of the public API: versions, tokens, bodies, errors, pages."""
