"""Change one document: validate, write and report, in the caller's transaction, which has locked it."""

from datetime import datetime

from django.utils import timezone

from documents.content import media_lookup
from documents.content.walk import media_ids_to_complete
from documents.models import Document
from documents.revisions import licenses, publication_events, validate, webhook_events, writer
from documents.revisions.design_lookup import Designs
from documents.revisions.licenses import Candidate
from documents.revisions.parts import Parts
from documents.revisions.reasons import cannot_be_published, unknown_content_type, unknown_design
from documents.revisions.unique_values import Holders
from documents.revisions.validate import CheckedParts, Rules
from documents.revisions.writer import Origin, Step
from livingdocs_import import ids
from livingdocs_import.errors import Rejected
from livingdocs_import.project_config import ProjectConfig, store

NOT_CONFIGURED = "It is not configured any more."


def checked(document: Document, parts: Parts, *, kept: frozenset[str], publish: bool) -> CheckedParts:
    """The parts as they are stored; raises Rejected with all problems, including values that are taken."""
    config = store.current(document.project)
    content_type = config.content_types.get(document.content_type)
    if content_type is None:
        raise Rejected(unknown_content_type(document.content_type), NOT_CONFIGURED, cause="content-type")
    if publish and not content_type.is_published:
        raise Rejected(cannot_be_published(document.content_type), "Articles are made of it.", cause="conflict")
    design = Designs(document.project, config).find(parts.design, content_type)
    if design is None:
        raise Rejected(unknown_design(parts.design), NOT_CONFIGURED, cause="design")
    is_kept = validate.CONTENT in kept
    wanted = frozenset[str]() if is_kept else media_ids_to_complete(parts.content, design)
    entries = media_lookup.facts(document.project, config, wanted)
    rules = Rules(config, content_type, design, publish=publish, make_id=ids.component_ids().__next__, entries=entries)
    result = _licensed(document, config, validate.check(parts, rules, kept=kept), publish=publish)
    if publish:
        holders = Holders(document.project, list(result.unique_values.values()))
        if rejected := holders.refuse(result.unique_values, document.pk):
            raise rejected
    return result


def _licensed(document: Document, config: ProjectConfig, parts: CheckedParts, *, publish: bool) -> CheckedParts:
    candidate = Candidate(document.pk, document.content_type, parts, publish)
    (outcome,) = licenses.checked(document.project, config, [candidate], timezone.now())
    if isinstance(outcome, Rejected):
        raise outcome
    return outcome


def write(document: Document, step: Step, origin: Origin, now: datetime) -> None:
    """Write the step, and report it to followers: the last step of the transaction."""
    written = writer.carry_out(document.project, [step], origin, now)
    webhook_events.record(document.project, written, origin, now)
    publication_events.record(document.project, written, now)
