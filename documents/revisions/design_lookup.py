"""Find the design of a document by name and version; compiled once per process (spec 5.4)."""

import logging
from functools import lru_cache

from documents.content.compiled_design import CompiledDesign
from documents.revisions.parts import DesignVersion
from livingdocs_import.models import Project
from livingdocs_import.project_config import ContentType, Design, InvalidConfig, ProjectConfig, store

log = logging.getLogger(__name__)


@lru_cache(maxsize=256)
def _compiled(design: Design, config: ProjectConfig) -> CompiledDesign:
    # Both compare by identity and are kept with the compiled configuration, so this is a lookup by revision.
    return CompiledDesign(design, config.include_services)


class Designs:
    """The designs of one project under one configuration; each is queried once."""

    def __init__(self, project: Project, config: ProjectConfig) -> None:
        self._project = project
        self._config = config
        self._found: dict[DesignVersion, CompiledDesign | None] = {}

    def find(self, wanted: DesignVersion | None, content_type: ContentType) -> CompiledDesign | None:
        """The design by name and version, however old (DOC-19); None for unknown ones (DOC-20).

        By default the project's design in its newest version (DOC-18). Reports of news agencies have one of their own,
        in one version.
        """
        newest = content_type.own_design or self._config.design
        if wanted is None or (wanted.name, wanted.version) == (newest.name, newest.version):
            return _compiled(newest, self._config)
        if content_type.own_design is not None:
            return None
        if wanted not in self._found:
            self._found[wanted] = self._look_up(wanted)
        return self._found[wanted]

    def _look_up(self, wanted: DesignVersion) -> CompiledDesign | None:
        try:
            design = store.design(self._project, wanted.name, wanted.version)
        except InvalidConfig:
            log.exception("project %s: the configuration with design %s cannot be read any more", self._project, wanted)
            return None
        return None if design is None else _compiled(design, self._config)
