"""Benchmarks start other checkouts: programs that were renamed since go by today's names."""

from pathlib import Path

from devtools.checkout import ROOT, procfile

OLD = "web: gunicorn\n# workers\ncourier: celery -A config worker -Q webhooks\n"


def test_programs_of_an_earlier_version_have_the_names_of_today(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text(OLD)
    assert procfile(tmp_path) == {"web": "gunicorn", "webhooks": "celery -A config worker -Q webhooks"}


def test_each_program_has_a_name() -> None:
    assert procfile(ROOT).keys() == {"release", "web", "worker", "webhooks", "beat"}
