"""The speed of the service, compared with the least that the same work can cost. See README.md in this folder."""
