"""Claim items: the order of jobs and hosts, and what a job waits for.

`due_items` claims items, `fair_choice` chooses the job, `host_brakes` and `host_hours` limit requests to hosts,
`notification` wakes workers.
"""
