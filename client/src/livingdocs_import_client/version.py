"""The version of this library, which its requests name in `User-Agent`."""

__version__ = "0.1.0"
