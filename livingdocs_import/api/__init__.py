"""Conventions of the public API: versions, tokens, bodies, errors, pages.

`viewsets` has the base of every ViewSet, `versions` what differs between versions, `error_responses` which error has
which status, `error_texts` the documented texts.
"""
