"""The web server's processes: gunicorn's worker, connections that hold no thread, body limits, middleware, readiness.

`supervisor` runs the programs of `manage.py serve` as one process tree.
"""
