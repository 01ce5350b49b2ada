"""manage.py rebuild_references: what is stored once more, and only where it differs."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from documents.models import DocumentReference
from tests.api_client import Caller, document_item
from tests.newsroom import PUBLISH, Newsroom, image


def rebuild(*arguments: str) -> str:
    out = StringIO()
    call_command("rebuild_references", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def _two(newsroom: Newsroom) -> None:
    """A published document with an unpublished change, and a draft: three links."""
    newsroom.fine(content=[image(id="i")], flags=PUBLISH)
    newsroom.fine(checksum="2", content=[image(id="j")])
    newsroom.bring(document_item(content=[image(id="k")]))


def stored() -> set[tuple[object, ...]]:
    return set(DocumentReference.objects.values_list("document", "scope", "target", "sort_id", "position"))


@pytest.mark.usefixtures("_two")
def test_nothing_is_done_when_all_is_well() -> None:
    before = set(DocumentReference.objects.values_list("pk", flat=True))
    assert rebuild() == "times: 2 documents looked through, 0 rows changed\n"
    assert set(DocumentReference.objects.values_list("pk", flat=True)) == before


@pytest.mark.usefixtures("_two")
def test_what_is_missing_or_too_much_is_put_right() -> None:
    before = stored()
    assert len(before) == 3
    DocumentReference.objects.filter(scope="publication").delete()
    DocumentReference.objects.filter(scope="draft").update(target="media/wrong")
    assert rebuild() == "times: 2 documents looked through, 5 rows changed\n"
    assert stored() == before
    assert rebuild() == "times: 2 documents looked through, 0 rows changed\n", "twice is the same as once"


@pytest.mark.usefixtures("_two")
def test_a_dry_run_only_reports() -> None:
    DocumentReference.objects.all().delete()
    assert rebuild("--dry-run") == "times: 2 documents looked through, 3 rows would change\n"
    assert not DocumentReference.objects.exists()


@pytest.mark.usefixtures("_two")
def test_one_project_can_be_named(herald: Caller) -> None:
    DocumentReference.objects.all().delete()
    assert rebuild("--project", "herald") == "herald: 0 documents looked through, 0 rows changed\n"
    assert not DocumentReference.objects.exists()
    with pytest.raises(CommandError, match="nobody"):
        rebuild("--project", "nobody")
