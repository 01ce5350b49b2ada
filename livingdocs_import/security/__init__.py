"""What protects secrets and log-ins: encryption at rest, passwords, lock-outs, and whom a request really comes from."""
