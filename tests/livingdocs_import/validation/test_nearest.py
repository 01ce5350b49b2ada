"""A misspelt name gets a suggestion, if the error text is ours."""

import pytest

from livingdocs_import.metadata.schema import MAX_HINTS
from livingdocs_import.project_config import ProjectConfig, parse
from livingdocs_import.validation.nearest import MAX_LENGTH, MAX_SHOWN, NearestNames, one_of
from tests.api_client import CONFIG, Caller

TYPES = [media_type["handle"] for media_type in CONFIG["mediaTypes"]]
KNOWN = ("title", "caption", "settings", "metadata", "maxLength", "content-types", "h1", "alt", "x" * 60)


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("setings", "settings"), ("metadatas", "metadata"), ("maxLenght", "maxLength"), ("capton", "caption"),
        ("capption", "caption"), ("captoin", "caption"), ("csption", "caption"), ("Title", "title"),
        ("max-length", "maxLength"), ("MAXLENGTH", "maxLength"), ("contentTypes", "content-types"), ("titles", "title"),
        ("ALT", "alt"), ("alts", "alt"),
        # Too far, too short, too long, or nothing.
        ("caotoin", None), ("description", None), ("h2", None), ("h12", None), ("axt", None), ("", None), ("-", None),
        ("x" * 59, None), ("y" * 100_000, None), ("\0", None), ("\ud800aption", "caption"),
    ],
)  # fmt: skip
def test_a_slip_of_the_keys_is_recognised(wrong: str, meant: str | None) -> None:
    names = NearestNames(KNOWN)
    assert names.nearest(wrong) == meant
    assert names.hint(wrong) == (f"; did you mean '{meant}'?" if meant else "")


def test_a_name_is_nearest_to_itself() -> None:
    names = NearestNames(("image", "images", "imagee"))
    assert [names.nearest(name) for name in ("image", "images", "Images", "imagee")] == [
        "image", "images", "images", "imagee",
    ]  # fmt: skip


def test_very_many_names_cost_no_look_up_more() -> None:
    names = NearestNames([f"property-{number}" for number in range(5000)])
    assert names.nearest("propperty-4321") == "property-4321"
    assert names.nearest("z" * MAX_LENGTH) is None


def test_of_many_allowed_values_some_are_listed() -> None:
    assert one_of(["b", "a"]) == "'a', 'b'"
    assert one_of([]) == "none"
    assert one_of(str(number) for number in range(100)).count(", ") == MAX_SHOWN


# --- Messages with suggestions ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def config() -> ProjectConfig:
    return parse(CONFIG, project_id=1, channel_id=1, design_version="1.0.0")


def test_of_metadata(config: ProjectConfig) -> None:
    schema = config.media_types["image"].metadata
    (problem,) = schema.check({"captoin": "x"}, completeness=False)
    assert problem.message == "The metadata property 'captoin' is not configured; did you mean 'caption'?"
    wrong = {f"caption{letter}": 1 for letter in "abcdefghijklmnopqrst"}
    hints = ["did you mean" in problem.message for problem in schema.check(wrong, completeness=False)]
    assert hints == [True] * MAX_HINTS + [False] * (len(wrong) - MAX_HINTS)


def test_of_media_types(times: Caller) -> None:
    asset = {"key": "a.jpg", "url": "https://cdn.example/a.jpg", "size": 1, "width": 1, "height": 1}
    entry = {"mediaType": "imgae", "asset": asset | {"filename": "a.jpg", "mimeType": "image/jpeg"}, "metadata": {}}
    (element,) = times.post("import/mediaLibrary", {"mediaLibraryEntries": [entry]}).json()["mediaLibraryEntries"]
    (error,) = element["error_details"]["errors"]
    assert error["message"] == f'Unknown mediaType: "imgae"; configured: {one_of(TYPES)}'
