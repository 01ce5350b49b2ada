"""The supervisor keeps real processes running, and leaves none behind."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import Running, is_alive, wait_until_gone

ROOT = Path(__file__).resolve().parents[3]

# All of them write to one pipe, so each line in one piece: under PYTHONUNBUFFERED, `print` writes its end by itself.
SLEEPER = "import time; time.sleep(600)"
FAILING = "raise SystemExit(3)"
STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.stdout.write("deaf\\n")
sys.stdout.flush()
time.sleep(600)
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
sys.stdout.write(f"grandchild {child.pid}\\n")
sys.stdout.flush()
time.sleep(600)
"""
ORDERLY = """
import signal, sys, time
def end(*_):
    time.sleep(0.3)
    sys.stdout.write("put everything away\\n")
    sys.exit()
signal.signal(signal.SIGTERM, end)
sys.stdout.write("ready\\n")
sys.stdout.flush()
time.sleep(600)
"""
GREETER = """
import os, socket, sys
listener = socket.socket(fileno=int(sys.argv[1]))
while True:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"%d" % os.getpid())
"""
# Every program gets the number of an open listening socket as its last argument.
SUPERVISE = """
import json, signal, socket, sys
from livingdocs_import.server.supervisor import Program, Supervisor
listener = socket.create_server(("127.0.0.1", 0))
print("listening on", listener.getsockname()[1], flush=True)
number = listener.fileno()
programs = [
    Program(name, [*command, str(number)], pass_fds=[number]) for name, command in json.loads(sys.argv[1]).items()
]
for number in json.loads(sys.argv[3]):
    signal.signal(number, signal.SIG_IGN)
def say(line):
    sys.stdout.write(line + "\\n")
    sys.stdout.flush()
Supervisor(programs, grace=float(sys.argv[2]), say=say).run()
"""

Supervise = Callable[..., Running]


@pytest.fixture
def supervise() -> Iterator[Supervise]:
    """Start a supervisor over programs, each given as name=Python code or name=[command]."""
    started: list[Running] = []

    def start(*, grace: float = 20, ignoring: tuple[int, ...] = (), **programs: str | list[str]) -> Running:
        commands = {
            name: program if isinstance(program, list) else [sys.executable, "-S", "-c", program]
            for name, program in programs.items()
        }
        arguments = [json.dumps(commands), str(grace), json.dumps(ignoring)]
        started.append(Running(sys.executable, "-S", "-c", SUPERVISE, *arguments, PYTHONPATH=str(ROOT)))
        return started[-1]

    yield start
    for running in started:
        running.stop()


def pid_of(name: str, running: Running) -> int:
    return int(running.line(rf"^{name} started \(pid (\d+)\)")[1])


def greeting(port: int) -> int:
    """The process that answers, by its own account."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        return int(connection.recv(100))


def test_a_killed_program_is_back_soon(supervise: Supervise) -> None:
    running = supervise(web=SLEEPER, worker=SLEEPER)
    web, worker = pid_of("web", running), pid_of("worker", running)

    os.kill(web, signal.SIGKILL)

    running.line("^web was killed by SIGKILL; starting it again in 0.2 s$")
    assert is_alive(pid_of("web", running))
    assert is_alive(worker)


def test_callers_of_a_killed_program_wait_for_its_successor(supervise: Supervise) -> None:
    """The listening socket is the supervisor's, so no connection is refused in between."""
    running = supervise(web=GREETER)
    port = int(running.line(r"^listening on (\d+)")[1])
    web = pid_of("web", running)
    assert greeting(port) == web

    os.kill(web, signal.SIGKILL)
    running.line("^web was killed")

    assert greeting(port) == pid_of("web", running)


def test_a_program_that_keeps_failing_is_tried_at_growing_intervals(supervise: Supervise) -> None:
    running = supervise(web=FAILING)

    pauses = [running.line(r"^web ended \(3\); starting it again in (.*) s")[1] for _ in range(4)]

    assert pauses == ["0.2", "0.4", "0.8", "1.6"]


def test_a_program_that_cannot_be_started_is_tried_again_beside_the_others(
    supervise: Supervise, tmp_path: Path
) -> None:
    running = supervise(web=[str(tmp_path / "missing")], worker=SLEEPER)

    running.line(r"^web could not be started \(No such file or directory\); starting it again in 0.2 s")
    worker = pid_of("worker", running)
    running.line(r"^web could not be started \(No such file or directory\); starting it again in 0.4 s")
    assert is_alive(worker)


def test_what_a_dead_program_started_is_gone_before_its_successor_comes(supervise: Supervise) -> None:
    running = supervise(web=PARENT)
    web = pid_of("web", running)
    grandchild = int(running.line(r"^grandchild (\d+)")[1])

    os.kill(web, signal.SIGKILL)

    pid_of("web", running)
    wait_until_gone(grandchild, seconds=5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_signal_lets_programs_finish_and_ends_the_rest(supervise: Supervise, number: signal.Signals) -> None:
    running = supervise(worker=ORDERLY, web=PARENT)
    pids = [pid_of("worker", running), pid_of("web", running), int(running.line(r"^grandchild (\d+)")[1])]
    running.line("^ready")

    running.signal(number)

    assert running.rest() == ["stopping worker, web", "put everything away", "stopped"]
    assert running.process.returncode == 0
    wait_until_gone(*pids, seconds=5)


def test_who_does_not_end_in_time_is_killed(supervise: Supervise) -> None:
    running = supervise(grace=0.5, web=STUBBORN)
    web = pid_of("web", running)
    running.line("^deaf")

    started = time.monotonic()
    running.signal(signal.SIGTERM)

    assert running.rest() == ["stopping web", "web did not end in time and is killed", "stopped"]
    assert 0.5 <= time.monotonic() - started < 15
    wait_until_gone(web, seconds=5)


def test_pressing_ctrl_c_again_ends_the_waiting(supervise: Supervise) -> None:
    running = supervise(grace=600, web=STUBBORN)
    running.line("^deaf")

    running.signal(signal.SIGINT)
    running.line("^stopping")
    running.signal(signal.SIGINT)

    assert running.rest() == ["web did not end in time and is killed", "stopped"]


def test_being_asked_twice_to_terminate_leaves_programs_their_time(supervise: Supervise) -> None:
    """make, docker and a caller of our own may all pass one Ctrl-C on."""
    running = supervise(worker=ORDERLY)
    running.line("^ready")

    running.signal(signal.SIGINT)
    running.line("^stopping")
    running.signal(signal.SIGTERM)

    assert running.rest() == ["put everything away", "stopped"]


def test_nothing_survives_a_supervisor_that_was_killed(supervise: Supervise) -> None:
    """FLT-1, FLT-30: no worker goes on beside the one that a new supervisor starts."""
    running = supervise(web=PARENT, worker=ORDERLY)
    pids = [pid_of("web", running), pid_of("worker", running), int(running.line(r"^grandchild (\d+)")[1])]
    running.line("^ready")

    running.signal(signal.SIGKILL)

    assert "put everything away" in running.rest()  # they were asked first
    wait_until_gone(*pids)


def test_the_orphan_reaper_kills_who_does_not_listen(supervise: Supervise) -> None:
    running = supervise(grace=0.5, web=STUBBORN)
    web = pid_of("web", running)
    running.line("^deaf")

    running.signal(signal.SIGKILL)

    wait_until_gone(web)


def test_what_the_caller_ignores_does_not_stop_it(supervise: Supervise) -> None:
    """As `nohup make serve` needs it."""
    running = supervise(ignoring=(signal.SIGHUP,), web=SLEEPER)
    web = pid_of("web", running)

    running.signal(signal.SIGHUP)
    time.sleep(0.2)
    assert is_alive(web)
    running.signal(signal.SIGTERM)

    assert running.rest() == ["stopping web", "stopped"]
