"""The operator's desk for imports: jobs, their items, and the four things that can be done about them."""

from imports.admin import items, jobs, projects

__all__ = ["items", "jobs", "projects"]
