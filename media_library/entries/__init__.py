"""Media library entries: what is decided about one that arrives, and how one is created, checked, patched and logged.

`decision` says what an import does to an entry, `create` and `validate` take ready-made ones, `patch` changes them.
"""
