"""What a media file is, told from its bytes: each reader walks a stranger's file in bounded time and decodes no pixels.

`probe` is the entrance. The readers hand out metadata blocks as they are; `embedded_metadata` reads them.
"""
