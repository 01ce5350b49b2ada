"""Check the documents of an import: before the transaction that stores them, and once more where that was too early.

What a check depends on beside the item itself is its basis. It was done with what was known before any lock; it holds
if the basis is still the same after it.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from documents.content import media_lookup
from documents.content.compiled_design import CompiledDesign
from documents.content.walk import media_ids_to_complete
from documents.importing.decision import Change, Create, Update
from documents.revisions import validate
from documents.revisions.design_lookup import Designs
from documents.revisions.parts import DesignVersion, Flags, Incoming, Parts, parts_after
from documents.revisions.publication_effect import Ending
from documents.revisions.state import Standing, stored_parts
from documents.revisions.validate import CheckedParts, Rejected, Rules
from livingdocs_import import ids
from livingdocs_import.models import Project
from livingdocs_import.project_config import ProjectConfig

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a check depends on beside the item: whether it is published, and the revision whose parts stay."""

    publish: bool
    content_type: str
    revision_id: int | None  # None: the item brings everything


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check has found: the parts as they are stored, or why they cannot be."""

    basis: Basis
    outcome: CheckedParts | Rejected


@dataclass(slots=True)
class Arrival:
    """One document of an import, on its way in."""

    incoming: Incoming
    flags: Flags
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Case:
    """An arrival and what is going to be done about it."""

    arrival: Arrival
    standing: Standing | None
    change: Change

    @property
    def external_id(self) -> str:
        return self.arrival.incoming.external_id

    @property
    def document_id(self) -> int | None:
        """None: a document that is yet to be made."""
        return self.standing.document_id if self.standing else None

    @cached_property
    def basis(self) -> Basis | None:
        """What its check depends on; None when nothing has to be checked."""
        match self.change:
            case Create(content_type, ending):
                return Basis(ending is Ending.PUBLISHED, content_type, None)
            case Update(ending) if self.standing is not None:
                came = self.arrival.incoming
                brings_all = None not in (came.title, came.content, came.metadata, came.translations)
                revision_id = None if brings_all else self.standing.revision_id
                return Basis(ending is Ending.PUBLISHED, self.standing.content_type, revision_id)
        return None

    @property
    def is_judged(self) -> bool:
        """Whether nothing has to be checked, or it was, and on this basis."""
        verdict, basis = self.arrival.verdict, self.basis
        return basis is None or (verdict is not None and verdict.basis == basis)

    @property
    def parts(self) -> CheckedParts | None:
        """What will be stored; None when nothing will be, or the case was rejected."""
        outcome = self._outcome
        return outcome if isinstance(outcome, CheckedParts) else None

    @property
    def published_parts(self) -> CheckedParts | None:
        """The same, if it will be published."""
        return self.parts if self.basis is not None and self.basis.publish else None

    @property
    def rejected(self) -> Rejected | None:
        """What the check has found wrong."""
        outcome = self._outcome
        return outcome if isinstance(outcome, Rejected) else None

    @property
    def _outcome(self) -> CheckedParts | Rejected | None:
        verdict = self.arrival.verdict
        return verdict.outcome if verdict is not None and self.basis is not None else None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A case with what its check needs at hand."""

    case: Case
    basis: Basis
    parts: Parts
    kept: frozenset[str]
    design: CompiledDesign


def judge(project: Project, config: ProjectConfig, cases: Sequence[Case], *, until: float | None = None) -> None:
    """Give each case that lacks one a verdict. Those not begun before `until` (monotonic seconds) stay without."""
    waiting = [(case, basis) for case in cases if not case.is_judged and (basis := case.basis) is not None]
    stored = stored_parts(
        {basis.revision_id for _, basis in waiting if basis.revision_id is not None},
        with_content=any(case.arrival.incoming.content is None for case, _ in waiting),
    )
    designs = Designs(project, config)
    ready = []
    for case, basis in waiting:
        before = None if basis.revision_id is None else stored[basis.revision_id]
        parts = parts_after(before, case.arrival.incoming)
        design = designs.find(parts.design)
        if design is None:
            detail = "the project never had a design of this name and version"
            case.arrival.verdict = Verdict(basis, Rejected(f'Unknown design "{parts.design}"', detail))
        else:
            kept = _kept(case.arrival.incoming, before, design)
            ready.append(_Ready(case, basis, parts, kept, design))
    wanted = set().union(*(_incomplete_media(one) for one in ready))
    entries = media_lookup.facts(project, config, wanted)
    make_id = ids.component_ids().__next__
    for one in ready:
        if until is not None and time.monotonic() > until:
            return
        rules = Rules(
            config=config,
            content_type=config.content_types[one.basis.content_type],
            design=one.design,
            publish=one.basis.publish,
            make_id=make_id,
            entries=entries,
        )
        one.case.arrival.verdict = Verdict(one.basis, _checked(one, rules))


def _kept(incoming: Incoming, before: Parts | None, design: CompiledDesign) -> frozenset[str]:
    """Which parts are the stored ones. Content under another design than before has to prove itself again."""
    if before is None:
        return validate.NOTHING
    same_design = before.design == DesignVersion(design.name, design.version)
    sent = {
        validate.CONTENT: incoming.content is not None or not same_design,
        validate.METADATA: incoming.metadata is not None,
        validate.TRANSLATIONS: incoming.translations is not None,
    }
    return frozenset(name for name, is_sent in sent.items() if not is_sent)


def _incomplete_media(one: _Ready) -> frozenset[str]:
    return frozenset() if validate.CONTENT in one.kept else media_ids_to_complete(one.parts.content, one.design)


def _checked(one: _Ready, rules: Rules) -> CheckedParts | Rejected:
    try:
        return validate.check(one.parts, rules, kept=one.kept)
    except Rejected as rejected:
        return rejected
    except Exception:
        # A bug of ours met in one document must not take its neighbours along.
        log.exception("document %s", one.case.external_id)
        return Rejected("Could not import document", "internal error")
