"""A document's content: the component tree, checked against a design, sanitized, and brought into its stored form.

`tree` checks all of it, `compiled_design` knows the design, `directives` check single values, `sanitizer` their HTML.
"""
