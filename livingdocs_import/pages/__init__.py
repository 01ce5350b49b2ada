"""Pages for browsers outside the admin: the front door, and errors."""
