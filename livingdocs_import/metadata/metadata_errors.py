"""Problems of metadata as they stand in answers (spec 2.6): property, sentence, and locale of a translation."""

from typing import TypedDict

from livingdocs_import.validation.problems import Kind, Problem, json_pointer, shown

MAX_NAME = 100  # characters of the name of a property


class MetadataError(TypedDict, total=False):
    """One problem in an answer."""

    metadataProperty: str
    message: str
    translationLocale: str


def metadata_error(problem: Problem) -> MetadataError:
    """A problem whose path begins with a property, for an answer."""
    error = MetadataError(metadataProperty=name(problem.path[0]), message=sentence(problem))
    if problem.locale is not None:
        error["translationLocale"] = problem.locale
    return error


def sentence(problem: Problem) -> str:
    """What is wrong with a value as a sentence, in which the value is named by its JSON pointer."""
    if problem.kind is Kind.SHAPE:
        return f"The value of '{json_pointer(problem.path)}' {problem.message}"
    return problem.message


def name(handle: object) -> str:
    """A property name as it may appear in an answer: it came from outside and may be anything."""
    return shown(handle)[:MAX_NAME]
