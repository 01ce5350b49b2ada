"""Read properties of media files from their bytes: each reader walks an untrusted file in bounded time, without
decoding.

`probe` is the entry point. The readers return raw metadata blocks; `embedded_metadata` decodes them.
"""
