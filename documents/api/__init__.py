"""Documents over HTTP: publications, drafts, commands, search, events, designs, categories, the configuration, and the
documents that link to something.
"""
