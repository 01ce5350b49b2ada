"""Revisions of documents: their parts as they are read, checked and written, publications and unique values with them.

`parts` are what a revision consists of, `validate` checks them, `writer` writes, `state` is a document as it stands.
"""
