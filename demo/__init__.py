"""A demonstration: a picture archive, the whole service, and a client that imports one into the other."""
