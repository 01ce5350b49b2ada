"""Validate the parts of a document against its project's configuration, and convert them to stored form (spec 4.3).

All problems of a document are reported at once; the reason names the first invalid part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from documents.content import tree
from documents.content.budgets import Budget, OutOfTime
from documents.content.compiled_design import CompiledDesign
from documents.content.findings import Removal, problem_error
from documents.content.limits import LIMITS, ContentLimits
from documents.content.media_values import MediaLookup
from documents.references.extract import ExtractedReference, document_references
from documents.revisions.parts import DesignVersion, Parts
from documents.revisions.reasons import COULD_NOT_IMPORT, INVALID_CONTENT, INVALID_METADATA, INVALID_TRANSLATIONS
from documents.revisions.translations import check_translations, translation_error
from livingdocs_import.errors import Rejected
from livingdocs_import.metadata import metadata_error
from livingdocs_import.project_config import ContentType, ProjectConfig
from livingdocs_import.validation.limits import MAX_DOCUMENT_PROBLEMS
from livingdocs_import.validation.problems import Problem, shortened

CONTENT, METADATA, TRANSLATIONS = "content", "metadata", "translations"
NOTHING: frozenset[str] = frozenset()
EVERYTHING = frozenset({CONTENT, METADATA, TRANSLATIONS})


@dataclass(frozen=True, slots=True)
class CheckedParts:
    """The parts of a revision as they are stored, their references, and the markup removed from their texts."""

    title: str
    content: list[dict[str, Any]]
    metadata: dict[str, Any]
    translations: list[dict[str, Any]]
    design: DesignVersion
    references: tuple[ExtractedReference, ...]
    removals: tuple[Removal, ...]
    unique_values: Mapping[str, tuple[str, str]]  # metadata property -> (scope, value)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a document is checked against.

    Present values must be valid; missing or too short ones only count on publication, if the project always requires
    completeness (Q-43), or for types that are never published (AGY-06). `entries` has the media entries of
    `documents.content.walk.media_ids_to_complete`.
    """

    config: ProjectConfig
    content_type: ContentType
    design: CompiledDesign
    publish: bool
    make_id: Callable[[], str]
    entries: MediaLookup
    limits: ContentLimits = LIMITS

    @property
    def complete(self) -> bool:
        return self.publish or self.config.options.completeness_always or not self.content_type.is_published


def check(parts: Parts, rules: Rules, *, kept: frozenset[str] = NOTHING) -> CheckedParts:
    """The parts in their stored form; raises Rejected with all problems.

    `kept` names the parts that stay as stored. They were valid when they were stored and are only checked again for
    completeness, that is, on publication. A document whose check takes too long is rejected as well; most of these
    exceed a limit before (`documents.content.limits`).
    """
    budget = Budget(rules.limits, lambda: len(orjson.dumps((parts.content, parts.metadata, parts.translations))))
    try:
        return _checked(parts, rules, kept, budget)
    except OutOfTime as error:
        raise Rejected(COULD_NOT_IMPORT, str(error), cause="over-budget") from error


def _checked(parts: Parts, rules: Rules, kept: frozenset[str], budget: Budget) -> CheckedParts:
    checked, content_problems, removals = _content(parts.content, rules, budget, kept=CONTENT in kept)
    budget.look()
    metadata, metadata_problems = _metadata(parts.metadata, rules, kept=METADATA in kept)
    budget.look()
    translations, translation_problems = _translations(parts.translations, rules, kept=TRANSLATIONS in kept)
    _reject(content_problems, metadata_problems, translation_problems)
    budget.look()
    schema = rules.content_type.metadata
    most = rules.limits.references if kept < EVERYTHING else None
    references = document_references(checked, rules.design, metadata, translations, schema, most=most)
    if most is not None and len(references) > most:
        _reject_references(references[-1], most)
    return CheckedParts(
        title=parts.title,
        content=checked,
        metadata=metadata,
        translations=translations,
        design=DesignVersion(rules.design.name, rules.design.version),
        references=references,
        removals=removals,
        unique_values={
            handle: (scope, str(metadata[handle])) for handle, scope in schema.unique.items() if handle in metadata
        },
    )


def _reject_references(last: ExtractedReference, most: int) -> None:
    """The document has more references than allowed; `last` is the first one too many."""
    message = f"must NOT have more than {most} references"
    if last.property_name is not None and last.component_id is None:
        _reject((), (Problem((last.property_name,), message),), ())
    _reject((Problem(("content",), message),), (), ())


def _reject(
    content_problems: Sequence[Problem], metadata_problems: Sequence[Problem], translation_problems: Sequence[Problem]
) -> None:
    errors_by_part: tuple[tuple[str, str, str, list[Mapping[str, Any]]], ...] = (
        (CONTENT, INVALID_CONTENT, "content", [problem_error(problem) for problem in content_problems]),
        (METADATA, INVALID_METADATA, "metadata", [metadata_error(problem) for problem in metadata_problems]),
        (TRANSLATIONS, INVALID_TRANSLATIONS, "metadata", [translation_error(each) for each in translation_problems]),
    )
    wrong = [part for part in errors_by_part if part[-1]]
    if wrong:
        _, reason, cause, _ = wrong[0]
        names = " and ".join(name for name, *_ in wrong)
        all_errors = [error for *_, errors in wrong for error in errors]
        reported = shortened(
            all_errors, MAX_DOCUMENT_PROBLEMS
        )  # the number of further ones is unknown: the parts stop, too
        raise Rejected(reason, f"{names.capitalize()} validation failed.", cause=cause, errors=reported)


# --- Content ---------------------------------------------------------------------------------------------------------


def _content(
    components: Any, rules: Rules, budget: Budget, *, kept: bool
) -> tuple[list[dict[str, Any]], Sequence[Problem], tuple[Removal, ...]]:
    if kept and not rules.complete:
        return components, (), ()
    checked = tree.check(
        components,
        rules.design,
        allowed_components=rules.content_type.components,
        completeness=rules.complete,
        make_id=rules.make_id,
        entries=rules.entries,
        limits=rules.limits,
        budget=budget,
    )
    return checked.content, checked.problems, checked.removals


# --- Metadata --------------------------------------------------------------------------------------------------------


def _metadata(values: Any, rules: Rules, *, kept: bool) -> tuple[dict[str, Any], Sequence[Problem]]:
    schema = rules.content_type.metadata
    if kept:  # values that are no longer configured are kept and not delivered (PUB-07)
        problems = schema.check(schema.known(values), completeness=True) if rules.complete else ()
        return values, problems
    return schema.normalise(values), schema.check(values, completeness=rules.complete)


# --- Translations ----------------------------------------------------------------------------------------------------


def _translations(found: Any, rules: Rules, *, kept: bool) -> tuple[list[dict[str, Any]], Sequence[Problem]]:
    schema = rules.content_type.metadata
    if not kept:
        languages = rules.config.languages
        checked = check_translations(found, languages=languages, schema=schema, completeness=rules.complete)
        return checked.translations, checked.problems
    problems: list[Problem] = []
    for translation in found if rules.complete else ():
        values = {name: value for name, value in translation["metadata"].items() if name in schema.translatable}
        problems += schema.check_translation(translation["locale"], values, completeness=True)
    return found, problems
