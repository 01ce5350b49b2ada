"""Delivery of stored files: access (`ownership`), and renditions of images in other sizes and formats.

The HTTP part (ranges, validators, caching) is in `api/file_responses.py`.
"""
