"""The web server's side of a connection: heads, bodies and answers that arrive or leave slowly hold no thread."""
