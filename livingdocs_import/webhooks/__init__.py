"""Webhooks: messages are put into the outbox, and the dispatcher signs and posts what is due.

`outbox` queues one row per message, `dispatcher` sends it, `signing` signs it, `retry_policy` says what an attempt
means, `concurrency` how many may be under way to one receiver.
"""
