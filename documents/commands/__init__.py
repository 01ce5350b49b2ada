"""Commands: a document is edited, published and scheduled by a program, all in one transaction (spec 3.24).

`operations` says what each command does to a draft, `execute` does a whole request. What each takes stands in
`documents/api/command_schemas.py`.
"""
