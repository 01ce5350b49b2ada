"""Every process of the service can import the client library, in the version of this checkout."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOW = "import config, livingdocs_import_client; print(livingdocs_import_client.__file__)"


def test_it_is_the_one_of_the_checkout_wherever_another_is_installed(tmp_path: Path) -> None:
    (tmp_path / "livingdocs_import_client.py").write_text("")
    environment = os.environ | {"ENV_FILE": "", "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", SHOW]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(ROOT / "client/src/livingdocs_import_client/__init__.py"), done.stderr
