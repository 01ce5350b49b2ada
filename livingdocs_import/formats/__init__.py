"""How the admin writes dates (settings: FORMAT_MODULE_PATH); no file formats, which are in `media_library/inspect`."""
