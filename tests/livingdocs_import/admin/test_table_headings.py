"""Each column of the rows on another row's page has a heading, at least for screen readers."""

from tests.api_client import Caller
from tests.operators import operator


def test_the_headings_that_django_leaves_empty_have_a_text(times: Caller) -> None:
    page = operator().get(f"/admin/livingdocs_import/project/{times.project.pk}/change/").content.decode()
    assert '<th class="original"><span class="vh">Member</span></th>' in page
    assert "<th></th>" not in page
