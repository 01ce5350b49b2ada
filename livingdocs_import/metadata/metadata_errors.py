"""Problems of metadata in responses (spec 2.6): property, sentence, and locale of a translation."""

from typing import TypedDict

from livingdocs_import.validation.limits import beginning
from livingdocs_import.validation.problems import Kind, Problem, json_pointer, shown


class MetadataError(TypedDict, total=False):
    """One problem in a response."""

    metadataProperty: str
    message: str
    translationLocale: str


def metadata_error(problem: Problem) -> MetadataError:
    """Convert a problem whose path begins with a property."""
    error = MetadataError(metadataProperty=name(problem.path[0]), message=sentence(problem))
    if problem.locale is not None:
        error["translationLocale"] = problem.locale
    return error


def sentence(problem: Problem) -> str:
    """The problem of a value as a sentence, which names the value by its JSON pointer."""
    if problem.kind is Kind.SHAPE:
        return f"The value of '{json_pointer(problem.path)}' {problem.message}"
    return problem.message


def name(handle: object) -> str:
    """A property's name as it may appear in a response: it comes from the client and may be anything."""
    return beginning(shown(handle))
