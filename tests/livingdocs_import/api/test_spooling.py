"""Long answers wait in a file, short ones in memory; both are complete before anything is sent."""

from collections.abc import Iterator

import pytest
from django.http import FileResponse

from livingdocs_import.api.spooling import MAX_IN_MEMORY, spooled


def test_a_short_answer_is_an_ordinary_one() -> None:
    answer = spooled([b"[1", b",2]"])
    assert (answer.streaming, answer.getvalue()) == (False, b"[1,2]")  # type: ignore[attr-defined]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert not spooled([b"x" * MAX_IN_MEMORY]).streaming


def test_a_long_answer_is_read_from_a_file_and_closes_it(db: None) -> None:
    answer = spooled([b"x" * MAX_IN_MEMORY, b"yz"])
    assert isinstance(answer, FileResponse)
    file = answer.file_to_stream
    assert file.fileno() > 0  # so the web server can send it by itself
    assert answer.headers["Content-Length"] == str(MAX_IN_MEMORY + 2)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert "Content-Disposition" not in answer.headers
    assert answer.getvalue()[-3:] == b"xyz"
    answer.close()
    assert file.closed


def test_an_error_in_the_middle_leaves_no_answer() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x" * MAX_IN_MEMORY
        yield b"y"
        raise LookupError

    with pytest.raises(LookupError):
        spooled(pieces())
