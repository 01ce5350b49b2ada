"""Columns become properties, by their own names or as the user says."""

from typing import Any

import pytest

from imports.bulk.kinds import DOCUMENTS, ENTRIES, IMAGES, BulkKind
from imports.bulk.mapping import Given, Mapping, pairs
from imports.bulk.rows import InputError, Row

AS_THEY_ARE = Given()


def item(kind: BulkKind, given: Given = AS_THEY_ARE, **cells: str) -> Any:
    mapping = Mapping(given, kind.shape).of_table(list(cells), "a.csv")
    row = Row(2, 2, list(cells.values()))
    mapping.apply(row)
    return [str(problem) for problem in row.problems] or row.item


IMAGE = {"url": "https://example.org/1", "id": "1", "fileName": "One"}


def test_columns_are_the_properties_of_their_names() -> None:
    assert item(IMAGES, **IMAGE) == IMAGE | {"metadata": {}}


def test_dots_nest_and_brackets_make_lists() -> None:
    row = IMAGE | {"metadata.caption": "A cat", "metadata.credit.name": "Ann", "metadata.tags[]": "cat | black|"}
    metadata = {"caption": "A cat", "credit": {"name": "Ann"}, "tags": ["cat", "black"]}
    assert item(IMAGES, **row)["metadata"] == metadata


def test_types_are_those_of_the_schema_or_named() -> None:
    row = IMAGE | {"metadata.year:integer": "2026", "metadata.size:number": "1.5", "metadata.x:json": '{"a": [1]}'}
    assert item(IMAGES, **row)["metadata"] == {"year": 2026, "size": 1.5, "x": {"a": [1]}}
    document = {"id": "007", "title": "A", "contentType": "article", "checksum": "1", "flags.autoPublish": "yes"}
    assert item(DOCUMENTS, **document)["flags"] == {"autoPublish": True}
    assert item(DOCUMENTS, **document)["id"] == "007"
    entry = {"mediaType": "image", "asset.key": "a/b.jpg", "asset.width": "640", "asset.duration": "1.25"}
    assert item(ENTRIES, **entry)["asset"] == {"key": "a/b.jpg", "width": 640, "duration": 1.25}


def test_an_empty_cell_is_no_value() -> None:
    assert item(IMAGES, **IMAGE | {"mediaType": "", "metadata.caption": " "}) == IMAGE | {"metadata": {}}


def test_an_object_in_json_and_single_properties_of_it_add_up() -> None:
    row = IMAGE | {"metadata.caption": "A cat", "metadata": '{"caption": "?", "credit": "Ann"}'}
    assert item(IMAGES, **row)["metadata"] == {"caption": "A cat", "credit": "Ann"}


def test_a_column_can_be_several_properties_or_none() -> None:
    given = Given([("Address", "url"), ("Address", "id"), ("Name", "fileName"), ("Note", "")])
    row = {"Address": "https://example.org/1", "Name": "One", "Note": "x"}
    assert item(IMAGES, given, **row) == IMAGE | {"id": "https://example.org/1", "metadata": {}}


def test_a_value_can_be_given_to_all_rows() -> None:
    given = Given(constants=[("metadata.source", "Archive"), ("mediaType", "image")])
    assert item(IMAGES, given, **IMAGE) == IMAGE | {"metadata": {"source": "Archive"}, "mediaType": "image"}


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("metadata.year:integer", "MMXX", "expected a whole number"),
        ("metadata.year:number", "1,5", "expected a number, with a point: 3.5"),
        ("metadata.live:boolean", "maybe", "expected true or false"),
    ],
)
def test_a_cell_of_another_type_is_a_problem_of_the_row(column: str, cell: str, message: str) -> None:
    path = column.partition(":")[0]
    assert item(IMAGES, **IMAGE | {column: cell}) == [f'column "{column}" ({path}): {message}, found "{cell}"']


def refused(kind: BulkKind, given: Given, *columns: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        Mapping(given, kind.shape).of_table(columns, "a.csv")
    return list(caught.value.problems)


def test_a_head_is_refused_with_all_that_is_wrong() -> None:
    assert refused(IMAGES, Given([("Titel", "fileName")]), "url", "ID number", "fileNmae", "Title") == [
        "a.csv: --map Titel: there is no such column; did you mean 'Title'?; "
        'there are "url", "ID number", "fileNmae", "Title"',
        'a.csv, row 1, column 2: "ID number" is no property of an image; name its property with '
        "--map 'ID number=PROPERTY', or leave it out with --map 'ID number='",
        "a.csv, row 1, column 3: \"fileNmae\" is no property of an image; did you mean 'fileName'?; name its "
        "property with --map 'fileNmae=fileName', or leave it out with --map 'fileNmae='",
        'a.csv, row 1, column 4: "Title" is no property of an image; name its property with '
        "--map 'Title=PROPERTY', or leave it out with --map 'Title='",
        "a.csv, row 1: no column is id, which each image must have: --map COLUMN=id",
        "a.csv, row 1: no column is fileName, which each image must have: --map COLUMN=fileName",
    ]


@pytest.mark.parametrize(
    ("column", "meant"),
    [("metdata.caption", "metadata.caption"), ("Remark", ""), ("other.caption", ""), ("media_type", "mediaType")],
)
def test_the_property_that_is_meant_is_named_with_the_option_for_it(column: str, meant: str) -> None:
    (problem,) = refused(IMAGES, Given(), "url", "id", "fileName", column)
    assert f"--map '{column}={meant or 'PROPERTY'}'" in problem
    assert (f"did you mean '{meant}'?" in problem) == bool(meant)


def test_other_columns_can_be_left_out_without_naming_them() -> None:
    assert item(IMAGES, Given(leave_out_others=True), **IMAGE | {"Remark": "x"}) == IMAGE | {"metadata": {}}


def test_two_columns_cannot_be_the_same_property() -> None:
    problems = refused(IMAGES, Given([("Link", "url")]), "url", "Link", "id", "fileName")
    assert problems == ['a.csv, row 1: the columns "url" and "Link" are both url']


@pytest.mark.parametrize("named", ["flags.publish", "publishControl.embargo.untill", "flags[0]", "a..b", "x:number"])
def test_a_property_that_does_not_exist_is_refused(named: str) -> None:
    with pytest.raises(InputError, match=r"--map a="):
        Mapping(Given([("a", named)]), DOCUMENTS.shape)


def test_a_file_of_mappings_has_comments_and_names_wrong_lines() -> None:
    assert pairs(["# the archive", "", "A=B=url", "Note="], "map.txt") == [("A=B", "url"), ("Note", "")]
    with pytest.raises(InputError, match=r'map\.txt, 2: expected column=property, found "url"'):
        pairs(["id=id", "url"], "map.txt")
