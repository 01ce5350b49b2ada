"""Query parameters are read one by one, and all their problems are reported at once."""

import pytest

from livingdocs_import import errors
from livingdocs_import.validation.parameters import Parameters, bounded
from tests.api_client import Caller


def test_each_parameter_that_is_wrong_is_named() -> None:
    given = Parameters(
        {"limit": "x", "reverse": "si", "fit": "wide", "types": "a,b", "ids": "1,x", "id.gte": "-1", "at.lt": "today"}
    )
    assert given.number("limit", 10, most=100) == 10
    assert given.flag("reverse")
    assert given.choice("fit", ("max", "crop"), "max") == "wide"
    assert given.listed("types", ("a",), most=1) == ["a", "b"]
    assert given.ids("ids", most=5) == [1]
    assert given.number_bounds("id", "pk") == {}
    assert given.moment_bounds("at", "at") == {}
    with pytest.raises(errors.Invalid) as refused:
        given.refuse()
    assert refused.value.details == {
        "limit": "must be an integer from 0 to 100",
        "reverse": "Invalid type: expected boolean",
        "fit": "must be one of max, crop",
        "types": 'No enum match for: "b"',
        "ids": "must be integers, separated by commas",
        "id.gte": "Invalid type: expected integer",
        "at.lt": 'must match format "date-time"',
    }


def test_what_is_right_is_not_refused() -> None:
    given = Parameters({"limit": "007", "reverse": "", "ids": " 1, 2 ,", "id.gt": "3"})
    assert given.number("limit", None, least=1, most=10) == 7
    assert given.number("offset", 5, most=10) == 5
    assert given.flag("reverse")
    assert not given.flag("homepage")
    assert given.ids("ids", most=2) == [1, 2]
    assert given.listed("types") is None
    assert given.number_bounds("id", "pk") == {"pk__gt": 3}
    given.refuse()
    assert bounded("id") == ("id.gte", "id.gt", "id.lte", "id.lt")


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("mediaLibrary?externalId=a&externalIds=b", {"externalIds", "systemName"}),
        ("mediaLibrary?ids=a&externalId=a&externalIds=b", {"externalIds", "ids"}),
        ("import/images/status?expand=all", {"id", "expand"}),
        (
            'documents/1/latestPublication?fields=x&componentConditions={"dateTime":1,"brand":1,"city":1}',
            {"fields", "componentConditions.dateTime", "componentConditions.brand", "componentConditions.city"},
        ),
    ],
)
def test_an_answer_has_all_of_them(times: Caller, address: str, wrong: set[str]) -> None:
    answer = times.get(address)
    assert answer.status_code == 400
    assert answer.json()["error_details"].keys() == wrong
