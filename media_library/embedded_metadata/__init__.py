"""Captions that agencies and photographers wrote into image files: EXIF, IPTC and XMP, mapped to metadata (IMG-39)."""
