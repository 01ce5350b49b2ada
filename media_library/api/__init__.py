"""The media library over HTTP: entries, references to them, and the files of images."""
