"""A document's translations: metadata in other languages, checked and normalised (spec 5.6)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from documents.content.findings import problem_error
from documents.content.limits import LIMITS
from livingdocs_import.metadata import MetadataSchema, metadata_error
from livingdocs_import.project_config import Languages
from livingdocs_import.validation.messages import UNKNOWN, expected, missing
from livingdocs_import.validation.problems import Path, Problem


@dataclass(frozen=True, slots=True)
class CheckedTranslations:
    """Translations as they are stored, if there are no `problems`: `[{"locale": "fr", "metadata": {...}}]`."""

    translations: list[dict[str, Any]]
    problems: list[Problem]  # those with a locale belong to the metadata of a translation


def check_translations(
    value: Any, *, languages: Languages, schema: MetadataSchema, completeness: bool
) -> CheckedTranslations:
    """All problems of the translations of a document (DOC-49 to DOC-51).

    `value` is an array of `{locale, metadata}`, or an object of `{metadata}` by locale. A locale must be available, not
    be the default one, and occur once; the metadata of each follows `schema`, with `completeness` as in its own check.
    The search ends at the number of problems that a document may report.
    """
    checked = CheckedTranslations([], [])
    seen: set[str] = set()
    for path, locale, metadata in _entries(value, checked.problems):
        if message := _fault(locale, languages, seen):
            checked.problems.append(Problem((*path, "locale"), message))
            continue
        seen.add(locale)
        new_problems = schema.check_translation(locale, metadata, completeness=completeness)
        checked.problems.extend(new_problems)
        if not new_problems:
            checked.translations.append({"locale": locale, "metadata": schema.normalise(metadata)})
    return checked


def _entries(value: Any, problems: list[Problem]) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """(path, locale, metadata) of each translation with the right shape; problems for the others."""
    if isinstance(value, dict):
        named: Iterable[tuple[Path, Any]] = (
            (("translations", locale[:100]), {"locale": locale, **each} if isinstance(each, dict) else each)
            for locale, each in value.items()
        )
    elif isinstance(value, list):
        named = ((("translations", index), each) for index, each in enumerate(value))
    else:
        problems.append(Problem(("translations",), expected("array")))
        return
    for path, each in named:
        room = LIMITS.problems - len(problems)
        if room <= 0:
            return
        if not isinstance(each, dict):
            problems.append(Problem(path, expected("object")))
            continue
        strange = islice((key for key in each if key not in {"locale", "metadata"}), room)
        unknown = [Problem((*path, key[:100]), UNKNOWN) for key in strange]
        locale, metadata = each.get("locale"), each.get("metadata")
        metadata = {} if metadata is None else metadata
        if not isinstance(locale, str):
            unknown.append(Problem((*path, "locale"), missing("locale") if locale is None else expected("string")))
        elif not isinstance(metadata, dict):
            unknown.append(Problem((*path, "metadata"), expected("object")))
        else:
            yield path, locale, metadata
        problems.extend(unknown)


def _fault(locale: str, languages: Languages, seen: set[str]) -> str | None:
    shown = locale[:100]
    if locale == languages.default_locale:
        return f'"{shown}" is the default locale: it has no translation'
    if locale not in languages.locales:
        return f'The locale "{shown}" is not available'
    return f'The locale "{shown}" comes twice' if locale in seen else None


def translation_error(problem: Problem) -> Mapping[str, Any]:
    """A problem for `error_details.errors` of a failed item."""
    return problem_error(problem) if problem.locale is None else metadata_error(problem)
