"""The main job before your eyes: a picture archive, the whole service, a client that moves one into the other."""
