"""The outcomes of items and jobs: retries, refunds, completion.

`retry_policy` decides about a failure, `item_outcomes` writes the outcomes of items, `job_end` ends their job,
`failure_groups` counts failures by cause, `job_webhook` builds its webhook.
"""
