"""The admin of imports: jobs, their items, and the actions on them."""

from imports.admin import brakes, items, jobs, media_entries, projects

__all__ = ["brakes", "items", "jobs", "media_entries", "projects"]
