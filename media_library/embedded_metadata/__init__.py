"""Captions that agencies and photographers embed in image files: EXIF, IPTC and XMP, mapped to metadata (IMG-39)."""
