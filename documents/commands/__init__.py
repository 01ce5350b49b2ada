"""Commands: programs edit, publish and schedule a document, all in one transaction (spec 3.24).

`operations` applies a command to a draft, `execute` runs a whole request. The shapes of commands are in
`documents/api/command_schemas.py`.
"""
