"""The admin of imports: jobs, their items, and the actions on them."""

from imports.admin import items, jobs, projects

__all__ = ["items", "jobs", "projects"]
