"""The media library: images, videos and files with their metadata."""
