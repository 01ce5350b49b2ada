"""Word search: which words a text has, what a query asks for, and a column that both databases find them in.

Every app that has something to be found shares it: docs/adr/0028.
"""
