"""Validate the documents of an import before the transaction that stores them, and again inside it if necessary.

The inputs of a validation beside the item are its key. The first validation runs before rows are locked; its result is
used if the key is the same afterwards.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from documents.content import media_lookup
from documents.content.compiled_design import CompiledDesign
from documents.content.walk import media_ids_to_complete
from documents.importing.decision import Change, Create, Update
from documents.importing.incoming import Flags, Incoming, parts_after
from documents.revisions import validate
from documents.revisions.design_lookup import Designs
from documents.revisions.parts import DesignVersion, Parts
from documents.revisions.publication_effect import PublicationEffect
from documents.revisions.reasons import COULD_NOT_IMPORT, unknown_design
from documents.revisions.state import DocumentState, stored_parts
from documents.revisions.validate import CheckedParts, Rules
from livingdocs_import import ids
from livingdocs_import.errors import Rejected
from livingdocs_import.models import Project
from livingdocs_import.project_config import ProjectConfig

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ValidationKey:
    """The inputs of a validation beside the item: whether it is published, and the revision whose parts stay."""

    publish: bool
    content_type: str
    revision_id: int | None  # None: the item has all parts


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """The parts as they are stored, or their rejection, and the key that this holds for."""

    key: ValidationKey
    outcome: CheckedParts | Rejected


@dataclass(slots=True)
class DocumentCandidate:
    """One document of an import, not stored yet."""

    incoming: Incoming
    flags: Flags
    validation: ValidationResult | None = None


@dataclass(frozen=True)
class PlannedChange:
    """A candidate and the decision about it."""

    candidate: DocumentCandidate
    document_state: DocumentState | None
    change: Change

    @property
    def external_id(self) -> str:
        return self.candidate.incoming.external_id

    @property
    def document_id(self) -> int | None:
        """None: a new document."""
        return self.document_state.document_id if self.document_state else None

    @cached_property
    def validation_key(self) -> ValidationKey | None:
        """The inputs of its validation; None if it needs none."""
        match self.change:
            case Create(content_type, effect):
                return ValidationKey(effect is PublicationEffect.PUBLISHED, content_type, None)
            case Update(effect) if self.document_state is not None:
                incoming = self.candidate.incoming
                brings_all = None not in (incoming.title, incoming.content, incoming.metadata, incoming.translations)
                revision_id = None if brings_all else self.document_state.revision_id
                return ValidationKey(
                    effect is PublicationEffect.PUBLISHED, self.document_state.content_type, revision_id
                )
        return None

    @property
    def is_validated(self) -> bool:
        """Whether it needs no validation, or was validated for this key."""
        validation, key = self.candidate.validation, self.validation_key
        return key is None or (validation is not None and validation.key == key)

    @property
    def parts(self) -> CheckedParts | None:
        """The parts to store; None if there are none, or the candidate was rejected."""
        outcome = self._outcome
        return outcome if isinstance(outcome, CheckedParts) else None

    @property
    def published_parts(self) -> CheckedParts | None:
        """The same, if it will be published."""
        return self.parts if self.validation_key is not None and self.validation_key.publish else None

    @property
    def rejected(self) -> Rejected | None:
        """The rejection of its validation."""
        outcome = self._outcome
        return outcome if isinstance(outcome, Rejected) else None

    @property
    def _outcome(self) -> CheckedParts | Rejected | None:
        validation = self.candidate.validation
        return validation.outcome if validation is not None and self.validation_key is not None else None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A planned change with the inputs of its validation."""

    planned: PlannedChange
    key: ValidationKey
    parts: Parts
    kept: frozenset[str]
    design: CompiledDesign


def validate_changes(
    project: Project,
    config: ProjectConfig,
    planned_changes: Sequence[PlannedChange],
    *,
    until: float | None = None,
    not_stored: Mapping[int, Parts] = MappingProxyType({}),
) -> None:
    """Validate each change that is not validated yet. Nothing is begun after `until` (monotonic seconds).

    `not_stored` has the parts of revisions that only a dry run knows.
    """
    waiting = [
        (planned, key)
        for planned in planned_changes
        if not planned.is_validated and (key := planned.validation_key) is not None
    ]
    revisions = {key.revision_id for _, key in waiting if key.revision_id is not None}
    with_content = any(planned.candidate.incoming.content is None for planned, _ in waiting)
    stored = {**stored_parts(revisions - not_stored.keys(), with_content=with_content), **not_stored}
    designs = Designs(project, config)
    ready = []
    for planned, key in waiting:
        before = None if key.revision_id is None else stored[key.revision_id]
        parts = parts_after(before, planned.candidate.incoming)
        design = designs.find(parts.design, config.content_types[key.content_type])
        if design is None:
            detail = "the project never had a design of this name and version"
            rejected = Rejected(unknown_design(parts.design), detail, cause="design")
            planned.candidate.validation = ValidationResult(key, rejected)
        else:
            kept = _kept(planned.candidate.incoming, before, design)
            ready.append(_Ready(planned, key, parts, kept, design))
    wanted = set().union(*(_incomplete_media(pending) for pending in ready))
    entries = media_lookup.facts(project, config, wanted)
    make_id = ids.component_ids().__next__
    for pending in ready:
        if until is not None and time.monotonic() > until:
            return
        rules = Rules(
            config=config,
            content_type=config.content_types[pending.key.content_type],
            design=pending.design,
            publish=pending.key.publish,
            make_id=make_id,
            entries=entries,
        )
        pending.planned.candidate.validation = ValidationResult(pending.key, _checked(pending, rules))


def _kept(incoming: Incoming, before: Parts | None, design: CompiledDesign) -> frozenset[str]:
    """The parts that stay as stored. Content under another design than before is validated again."""
    if before is None:
        return validate.NOTHING
    same_design = before.design == DesignVersion(design.name, design.version)
    sent = {
        validate.CONTENT: incoming.content is not None or not same_design,
        validate.METADATA: incoming.metadata is not None,
        validate.TRANSLATIONS: incoming.translations is not None,
    }
    return frozenset(name for name, is_sent in sent.items() if not is_sent)


def _incomplete_media(pending: _Ready) -> frozenset[str]:
    return (
        frozenset()
        if validate.CONTENT in pending.kept
        else media_ids_to_complete(pending.parts.content, pending.design)
    )


def _checked(pending: _Ready, rules: Rules) -> CheckedParts | Rejected:
    try:
        return validate.check(pending.parts, rules, kept=pending.kept)
    except Rejected as rejected:
        return rejected
    except Exception:
        # A bug that one document triggers must not fail the others.
        log.exception("document %s", pending.planned.external_id)
        return Rejected(COULD_NOT_IMPORT, "internal error", cause="internal-error")
