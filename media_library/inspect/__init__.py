"""Read properties of media files from their bytes: each reader walks an untrusted file in bounded time, without
decoding.

`image.probe_image`, `video.probe_video` and `any_file.file_type` are the entry points. The readers return raw metadata
blocks; `embedded_metadata` decodes them.
"""
