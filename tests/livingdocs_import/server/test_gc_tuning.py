"""The garbage collector of a process that works passes over the program, and comes rarely."""

import gc

from livingdocs_import.server import gc_tuning


def test_it_comes_more_rarely_and_passes_over_what_is_loaded() -> None:
    before = gc.get_threshold()
    try:
        gc_tuning.relax()
        assert gc.get_threshold()[0] > 10 * before[0]
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def test_after_a_command_it_is_as_before() -> None:
    before = gc.get_threshold()
    with gc_tuning.relaxed():
        assert gc.get_threshold() != before
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
