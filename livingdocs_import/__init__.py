"""House rules: what every request and every worker needs, whatever it is about."""
