"""House rules: what every request and every worker needs, whatever it is about."""

VERSION = "0.1.0"  # as in pyproject.toml
