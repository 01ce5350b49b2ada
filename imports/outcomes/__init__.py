"""What becomes of items and jobs: tried again, refunded, completed, closed.

`retry_policy` says what a failure means, `completion` writes how items ended, `closing` ends their job.
"""
