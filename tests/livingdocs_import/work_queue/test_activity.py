"""What a process does, for its heartbeat."""

import os

from livingdocs_import.work_queue.activity import Activity, Doing, memory_in_use


def test_each_part_of_a_process_is_asked_what_it_does() -> None:
    process, answers = Activity(), dict[str, Doing | None]()
    process.watch("imports", lambda: answers.get("imports"))
    process.watch("webhooks", lambda: answers.get("webhooks"))
    assert process.now() == Doing("")
    answers["webhooks"] = Doing("sends 3 webhooks")
    assert process.now() == Doing("sends 3 webhooks")
    answers["imports"] = Doing("imports 48 documents", job="25bzj8j")
    assert process.now() == Doing("imports 48 documents; sends 3 webhooks", job="25bzj8j")


def test_the_pace_is_that_since_it_was_last_asked_for() -> None:
    process = Activity()
    process.ended(5)
    assert process.pace() > 0
    assert process.pace() == 0


def test_the_memory_of_a_process_is_known_on_linux() -> None:
    assert os.uname().sysname != "Linux" or (memory_in_use() or 0) > 10_000_000
