"""What a format lets pass at sight is what it would let pass after a closer look."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingdocs_import.validation.json_schema import FORMATS as SHARED
from livingdocs_import.validation.json_schema import Schema, StringFormat
from livingdocs_import.validation.problems import by_path
from media_library.entries.entry_schemas import FORMATS

WITH_PLAIN = {name: found for name, found in {**SHARED, **FORMATS}.items() if found.plain}


@pytest.mark.parametrize("name", WITH_PLAIN)
def test_plain_values_fit(name: str) -> None:
    found = WITH_PLAIN[name]

    @given(st.from_regex(found.plain, alphabet=st.characters(max_codepoint=0x17F)))
    @settings(max_examples=200, deadline=None)
    def check(text: str) -> None:
        # Python's `$` lets a newline follow, the validator's does not.
        if not text.endswith("\n"):
            assert found.fits(text)

    check()


def test_a_value_that_is_not_plain_is_looked_at() -> None:
    schema = Schema(
        {"type": "string", "format": "even"}, {"even": StringFormat(lambda text: len(text) % 2 == 0, "is odd", "^$")}
    )
    assert by_path(schema.problems("")) == {}
    assert by_path(schema.problems("ab")) == {}
    assert by_path(schema.problems("abc")) == {"body": "is odd"}
    assert by_path(schema.problems(7)) == {"body": "Invalid type: expected string"}


@pytest.mark.parametrize(
    "text", ["https://pictures.example.org/a.jpg\n", "https://a.example/\u00e9.jpg", "v/a.jpg", "a/../b"]
)
def test_what_only_looks_plain_is_not_let_pass_at_sight(text: str) -> None:
    for name, found in WITH_PLAIN.items():
        fits = not Schema({"format": name}, FORMATS).problems(text)
        assert fits == found.fits(text)
