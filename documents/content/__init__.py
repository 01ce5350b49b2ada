"""A document's content: the component tree, checked against a design, sanitized, and converted to its stored form.

`tree` checks all of it, `compiled_design` has the design, `directives` check single values, `sanitizer` their HTML.
"""
