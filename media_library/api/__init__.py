"""The media library over HTTP: entries, what links to them, and the files of images."""
