"""The outcomes of items and jobs: retries, refunds, completion.

`retry_policy` says what a failure means, `item_outcomes` writes how items ended, `job_end` ends
their job, `failure_groups` counts why, `job_webhook` is what its webhook says.
"""
