"""beat keeps its schedule in memory: a planted schedule file is neither read nor written."""

import shelve
from pathlib import Path

from celery.apps.beat import Beat

from config.celery import app


class Planted:
    """Unpickled, it makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> object:
        return Path.touch, (self.file,)


def schedule(file: Path) -> dict[str, object]:
    """What beat has to do when it is started with `--schedule FILE`, as older Procfiles have it."""
    beat = Beat(app=app, schedule=str(file))
    service = beat.Service(app, scheduler_cls=beat.scheduler_cls, schedule_filename=beat.schedule)
    return dict(service.scheduler.schedule)


def test_a_planted_schedule_is_not_unpickled(tmp_path: Path) -> None:
    with shelve.open(str(tmp_path / "schedule")) as planted:
        planted["entries"] = Planted(tmp_path / "executed")
    assert "sweep" in schedule(tmp_path / "schedule")
    assert not (tmp_path / "executed").exists()


def test_nothing_is_written(tmp_path: Path) -> None:
    assert "sweep" in schedule(tmp_path / "schedule")
    assert list(tmp_path.iterdir()) == []
