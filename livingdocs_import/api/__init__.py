"""The public API's manners: versions, tokens, bodies, errors, pages."""
