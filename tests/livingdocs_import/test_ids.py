"""Public ids: the promised characters, all of them, each as likely as the others."""

from collections import Counter
from collections.abc import Callable

import pytest

from livingdocs_import import ids


@pytest.mark.parametrize(
    ("make", "prefix", "length", "alphabet"),
    [
        (ids.job_id, "", 10, ids.BASE36),
        (ids.component_ids().__next__, "doc-", 14, ids.BASE36),
        (ids.media_id, "", 12, ids.BASE62),
        (ids.delivery_id, "", 24, ids.BASE62),
    ],
)
def test_an_id_has_its_shape(make: Callable[[], str], prefix: str, length: int, alphabet: str) -> None:
    made = [make() for _ in range(2_000)]
    assert {len(each) for each in made} == {length}
    assert all(each.startswith(prefix) for each in made)
    assert set("".join(each.removeprefix(prefix) for each in made)) == set(alphabet)
    assert len(set(made)) == len(made)


def test_no_character_is_favoured() -> None:
    counts = Counter("".join(ids.media_id() for _ in range(20_000)))
    expected = 20_000 * 12 / 62
    assert all(abs(count - expected) < expected * 0.1 for count in counts.values())
