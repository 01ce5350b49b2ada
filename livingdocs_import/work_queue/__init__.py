"""The work queue: a row is the work, workers claim rows under a lease, and a broker message only wakes them.

`lease` claims, renews and releases rows; `notification` wakes workers after a commit; `shutdown` ends their work in
time; `retry_transaction` repeats transactions that were rolled back in favour of others.
"""
