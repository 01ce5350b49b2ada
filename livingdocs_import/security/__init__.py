"""Protection of secrets and log-ins: `encryption` of what is stored, `signed_tokens`, passwords, lock-outs, and the
client's address. What may be connected to is decided in `egress/ssrf.py`.
"""
