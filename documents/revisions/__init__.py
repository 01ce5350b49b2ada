"""Revisions of documents: reading, validating and writing their parts, with publications and unique values.

`parts` are the parts of a revision, `validate` checks them, `writer` writes, `state` is the present document.
"""
