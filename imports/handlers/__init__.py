"""The handler of each kind of job: one module a kind, on `base` and, for what is downloaded, `media_handler`.

`kinds` has all of them. `item_keys` chooses the storage key of an item's file.
"""
