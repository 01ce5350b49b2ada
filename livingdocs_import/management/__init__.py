"""Commands for projects, their clients, secrets and webhooks, and for running the service on one machine."""
