"""`python -m livingdocs_import_client` is the command `livingdocs-import`."""

import sys

from livingdocs_import_client.cli import main

sys.exit(main())
