"""Tests of livingdocs_import.pages."""
