"""Commands for the media library."""
