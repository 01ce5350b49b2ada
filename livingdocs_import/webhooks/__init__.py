"""Webhooks: messages are put into the outbox, and the dispatcher signs and posts what is due.

`events` turns what happens in a project into `messages` to its webhooks; a job has one webhook of its own. `outbox`
queues one row per message, `dispatcher` sends it, `signing` signs it, `retry_policy` says what an attempt means,
`lanes` whose turn it is, `concurrency` how many may be under way to one receiver, `receivers` which have only failed.
"""
