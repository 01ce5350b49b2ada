"""The service's settings, whatever stands in the .env file of whoever runs the tests."""

import os

os.environ["ENV_FILE"] = ""  # for the processes that tests start, too

from config.settings import *  # noqa: F403
