"""The demo waits for what takes long on this machine, and says so."""

import subprocess
import sys
import time

import pytest

from demo import patience


def test_what_is_there_at_once_is_not_talked_about(capsys: pytest.CaptureFixture[str]) -> None:
    patience.wait_for("nothing", lambda: True)
    assert capsys.readouterr().out == ""


def test_what_takes_long_is_waited_for_and_named_from_time_to_time() -> None:
    """In a process of its own: rich writes to the terminal that it finds first."""
    code = (
        "from demo.patience import wait_for; import time; began = time.monotonic();"
        "wait_for('the service is starting', lambda: time.monotonic() - began > 1, silence=0.2); print('there')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *meanwhile, last = done.stdout.splitlines()
    assert 1 <= len(meanwhile) <= 5
    assert all(line.startswith("   … the service is starting (") for line in meanwhile)
    assert last == "there"


def test_what_cannot_come_any_more_is_not_waited_for() -> None:
    def died() -> bool:
        raise SystemExit("The service did not start")

    began = time.monotonic()
    with pytest.raises(SystemExit, match="did not start"):
        patience.wait_for("the service is starting", died)
    assert time.monotonic() - began < 5
