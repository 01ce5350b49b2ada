"""Whole documents are compressed by the quickest method that the server has."""

import pytest
from django.db import connection

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.mark.parametrize(("table", "column"), [("documents_revision", "content"), ("imports_importitem", "payload")])
def test_long_texts_are_compressed_with_lz4_where_there_is_lz4(table: str, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        (has_lz4,) = cursor.fetchone()
        cursor.execute(
            "SELECT attcompression::text FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
            [table, column],
        )
        (method,) = cursor.fetchone()
    assert method == ("l" if has_lz4 else "")
