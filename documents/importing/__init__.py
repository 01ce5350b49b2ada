"""Imported documents: decided, validated and stored, a chunk in a handful of statements (spec 5.1, 5.2).

`decision` says what an item does to what is there, `validation` checks it before the lock and after, `pipeline` does
the whole.
"""
