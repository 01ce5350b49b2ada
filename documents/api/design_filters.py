"""Find the stored configuration for a request for a design or for categories (spec 3.22, 3.26).

With `secrets` the texts in it that count as secrets are decrypted, without they are masked (CFG-17).
"""

from collections.abc import Mapping
from typing import Any

from livingdocs_import import errors
from livingdocs_import.models import Project
from livingdocs_import.project_config import DESIGN_VERSION, shown, store

NamedDesign = tuple[Mapping[str, Any], str, str]  # the configuration, its design's name and version


def configuration(project: Project, *, secrets: bool) -> Mapping[str, Any]:
    """The newest one; an empty one for a project without."""
    row = store.stored(project)
    return {} if row is None else shown.contents(row.config, secrets=secrets)


def newest(project: Project, *, secrets: bool) -> NamedDesign:
    """The project's design as it is today."""
    row = store.stored(project)
    if row is None:
        default = store.current(project).design
        return {}, default.name, default.version
    return shown.contents(row.config, secrets=secrets), row.design_name, row.design_version


def of_version(project: Project, version: str, *, secrets: bool) -> NamedDesign:
    """The design in one version, however old; raises NotFound for unknown ones (DSN-03)."""
    row = store.stored_with_design(project, version) if DESIGN_VERSION.fullmatch(version) else None
    if row is not None:
        return shown.contents(row.config, secrets=secrets), row.design_name, row.design_version
    config, name, current = newest(project, secrets=secrets)
    if version == current:
        return config, name, current
    raise errors.NotFound(f"Design does not exist ({name}@{version[:50]})")
