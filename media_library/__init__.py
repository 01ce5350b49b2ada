"""Things: images, videos and files, and what is known about them."""
