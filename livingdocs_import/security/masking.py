"""The text that stands for a secret wherever one is left out: in the API, the admin, commands, and kept responses.

What is masked is decided where its form is known: in configurations by `project_config/secret_places.py`, in URLs by
`egress/url.py`, in what servers repeat by `egress/evidence.py`, in headers by `webhooks/request_headers.py`.
"""

MASK = "***"
