"""The service's settings, independent of the developer's .env file."""

import os
from importlib import import_module

os.environ["ENV_FILE"] = ""  # for the processes that tests start, too
globals().update({name: value for name, value in vars(import_module("config.settings")).items() if name.isupper()})
MIDDLEWARE = ["tests.contract.Contract", *globals()["MIDDLEWARE"]]
