"""Media library entries: import decisions, creation, validation, patches and the audit log.

`decision` decides what an import does to an entry, `create` and `validate` take ready-made ones, `patch` changes them.
"""
