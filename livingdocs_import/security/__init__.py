"""Protection of secrets and log-ins: encryption, signed tokens, passwords, lock-outs, and the client's address."""
