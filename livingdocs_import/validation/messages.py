"""The contract's messages for input that breaks a rule, each written once (spec 2.5)."""

from livingdocs_import.validation.limits import beginning

UNKNOWN = "Additional properties not allowed"


def missing(name: str) -> str:
    """The message about a missing property or parameter."""
    return f"Missing required property: {name}"


def expected(kind: str) -> str:
    """The message about a value of the wrong type."""
    return f"Invalid type: expected {kind}"


def no_match(value: str) -> str:
    """The message about a value that is none of the allowed; `value` as JSON."""
    return f"No enum match for: {value}"


def no_match_for(choice: str) -> str:
    """The same about a string as it was sent, shortened."""
    return no_match(f'"{beginning(choice)}"')
