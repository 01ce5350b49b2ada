"""Each module is a command of manage.py of the same name."""
