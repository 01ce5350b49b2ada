"""The admin of imports: jobs, their items, and the actions on them."""

from imports.admin import items, jobs, media_entries, projects

__all__ = ["items", "jobs", "media_entries", "projects"]
