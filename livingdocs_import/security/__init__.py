"""What protects secrets and log-ins: encryption, signed tokens, passwords, lock-outs, and whom a request comes from."""
