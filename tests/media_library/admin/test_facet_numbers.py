"""The numbers of the library's facets are those of the projects, the words and the rights that the list has."""

import pytest

from media_library.housekeeping import follow_entries
from media_library.models import MediaEntry
from tests.api_client import Caller
from tests.media_library.admin.test_library import LIST, counts, make_entry, titles
from tests.operators import member, operator

SPANS = {"24 hours", "7 days", "30 days"}


@pytest.fixture(autouse=True)
def entries(times: Caller, herald: Caller) -> None:
    """Three of times, two of herald; all are images of one system."""
    for caller, names in ((times, ("bridge", "bridge-2", "river")), (herald, ("harbour", "bridge-3"))):
        for name in names:
            make_entry(caller, name, system_name="dpa", external_id=f"{caller.project.handle}-{name}")
    MediaEntry.objects.filter(title="river").update(archived=True)
    follow_entries()


def spans(numbers: dict[str, str]) -> set[str]:
    return {numbers[span] for span in SPANS}


def test_over_all_projects_they_are_those_of_all() -> None:
    numbers = counts(operator().get(LIST).content.decode())
    assert (numbers["Active"], numbers["Archived"], spans(numbers)) == ("4", "1", {"5"})


@pytest.mark.parametrize(
    ("handle", "active", "archived", "all_of_it"), [("times", "2", "1", "3"), ("herald", "2", "0", "2")]
)
def test_within_a_project_they_are_its_own(
    times: Caller, herald: Caller, handle: str, active: str, archived: str, all_of_it: str
) -> None:
    project = {"times": times, "herald": herald}[handle].project
    for client, query in ((operator(), f"?project__id__exact={project.pk}"), (member(**{handle: "viewer"}), "")):
        numbers = counts(client.get(LIST + query).content.decode())
        assert (numbers["Active"], numbers["Archived"]) == (active, archived)
        assert (numbers["Images"], numbers["dpa"], spans(numbers)) == (all_of_it, all_of_it, {all_of_it})


def test_a_member_of_one_project_cannot_choose_another(times: Caller, herald: Caller) -> None:
    shown = member(herald="viewer").get(f"{LIST}?project__id__exact={times.project.pk}").content.decode()
    assert (titles(shown), counts(shown).get("Active")) == ([], "0")


def test_beside_words_they_are_those_of_the_entries_with_these_words(times: Caller) -> None:
    project = f"&project__id__exact={times.project.pk}"
    shown = operator().get(f"{LIST}?q=bridge{project}").content.decode()
    assert titles(shown) == ["bridge-2", "bridge"]
    numbers = counts(shown)
    assert (numbers["Active"], numbers["Archived"], numbers["Images"], spans(numbers)) == ("2", "0", "2", {"2"})
    narrowed = operator().get(f"{LIST}?q=river&state=active{project}").content.decode()
    assert (titles(narrowed), counts(narrowed)["Archived"], counts(narrowed)["dpa"]) == ([], "1", "0")
