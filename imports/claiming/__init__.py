"""Which items a worker may take now: whose turn it is, at which hosts, and what a job waits for otherwise.

`due_items` claims items, `fair_choice` says from which job, `host_brakes` and `host_hours` spare hosts.
"""
