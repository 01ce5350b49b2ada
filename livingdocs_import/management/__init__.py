"""Commands about projects, their clients, secrets and webhooks, and the service on one machine."""
