"""Find the stored configuration for a request for a design or for categories (spec 3.22, 3.26)."""

from collections.abc import Mapping
from typing import Any

from livingdocs_import import errors
from livingdocs_import.models import Project
from livingdocs_import.project_config import DESIGN_VERSION, store

NamedDesign = tuple[Mapping[str, Any], str, str]  # the configuration, its design's name and version


def configuration(project: Project) -> Mapping[str, Any]:
    """The newest one; an empty one for a project without."""
    row = store.stored(project)
    return {} if row is None else row.config


def newest(project: Project) -> NamedDesign:
    """The project's design as it is today."""
    row = store.stored(project)
    if row is None:
        default = store.current(project).design
        return {}, default.name, default.version
    return row.config, row.design_name, row.design_version


def of_version(project: Project, version: str) -> NamedDesign:
    """The design in one version, however old; raises NotFound for unknown ones (DSN-03)."""
    row = store.stored_with_design(project, version) if DESIGN_VERSION.fullmatch(version) else None
    if row is not None:
        return row.config, row.design_name, row.design_version
    config, name, current = newest(project)
    if version == current:
        return config, name, current
    raise errors.NotFound(f"Design does not exist ({name}@{version[:50]})")
