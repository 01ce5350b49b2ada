"""Handing out stored files: who may have one (`ownership`), and renditions of images in other sizes and formats.

What HTTP says about them (ranges, validators, caching) is in `api/file_responses.py`.
"""
