"""Webhooks: messages are put into the outbox, and the dispatcher signs and posts those that are due.

`events` turns events of a project into `messages` to its webhooks; a job has one webhook of its own. `outbox` queues
one row per message, `notification` wakes a worker, `dispatcher` sends it, `signing` signs it, `retry_policy` decides
about the next attempt, `lanes` about the order, `concurrency` limits parallel messages to one receiver, `receivers`
switches off those that only fail.
"""
