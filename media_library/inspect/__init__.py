"""What looking into a media file may cost."""
