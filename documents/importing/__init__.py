"""Imported documents: decide, validate and store a chunk in a few statements (spec 5.1, 5.2).

`decision` decides about an item, `validation` checks it before the lock and after, `pipeline` combines them.
"""
