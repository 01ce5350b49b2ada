"""A file that a command writes is there when it is whole; before that, and after an error, all is as it was."""

import os
from pathlib import Path

import pytest

from livingdocs_import.management.whole_file import whole_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "map.csv"
    path.write_text("the old one")
    return path


def test_it_gets_its_name_when_it_is_whole(path: Path) -> None:
    with whole_file(path, "w", encoding="utf-16") as file:
        file.write("the new one")
        assert path.read_text() == "the old one"
    assert path.read_text(encoding="utf-16") == "the new one"
    assert list(path.parent.iterdir()) == [path]


def write_half(path: Path, error: type[BaseException]) -> None:
    with whole_file(path, "wb") as file:
        file.write(b"half of it")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_after_an_error_the_old_one_is_there_and_nothing_else(path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error):
        write_half(path, error)
    assert path.read_text() == "the old one"
    assert list(path.parent.iterdir()) == [path]


def test_a_name_that_cannot_be_given_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError), whole_file(tmp_path / "folder", "w"):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_the_unfinished_file_of_another_process_is_left_alone(path: Path) -> None:
    others = path.with_name(f".{path.name}.1")
    others.write_text("of another process")
    with whole_file(path, "w") as file:
        file.write("ours")
    assert (path.read_text(), others.read_text()) == ("ours", "of another process")


def test_a_folder_that_is_not_there_is_an_error_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "nowhere" / "map.csv", "w"):
        pytest.fail("nothing can be written")


def test_a_link_still_leads_to_the_file_that_is_replaced(path: Path) -> None:
    link = path.with_name("newest.csv")
    link.symlink_to(path.name)
    with whole_file(link, "w") as file:
        file.write("the new one")
    assert link.is_symlink()
    assert path.read_text() == "the new one"


def test_a_file_keeps_its_permissions(path: Path) -> None:
    path.chmod(0o600)
    with whole_file(path, "w") as file:
        file.write("the new one")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with whole_file(pipe, "w") as file:
            file.write("a line")
        assert pipe.is_fifo()
        assert os.read(reader, 100) == b"a line"
    finally:
        os.close(reader)
