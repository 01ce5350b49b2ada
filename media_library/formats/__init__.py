"""Readers of file formats: each walks a stranger's file in bounded time and memory and decodes no pixels."""
