"""The service's settings, whatever stands in the .env file of whoever runs the tests."""

import os
from importlib import import_module

os.environ["ENV_FILE"] = ""  # for the processes that tests start, too
globals().update({name: value for name, value in vars(import_module("config.settings")).items() if name.isupper()})
