"""Revisions of documents: reading, validating and writing their parts, with publications and unique values.

`parts` are the parts of a revision, `validate` checks them, `writer` writes them, `state` is the present document.
`publish_control` and `publication_effect` say what is published, `licenses` what must not be. `single_change` does
all of it for one document; `publication_events` and `webhook_events` report what has happened.
"""
