"""The limits of a document and of the cost of its check, in one place (docs/specification/budgets.md).

They are far above real articles. A document that exceeds one is rejected by itself, with the limit and the place in its
errors; the others are stored.
"""

from dataclasses import dataclass

# --- One text --------------------------------------------------------------------------------------------------------

MAX_TAGS = 5_000
MAX_OPEN = 200  # elements within each other
MAX_ATTRIBUTES = 200  # of one tag
MAX_ATTRIBUTES_IN_ALL = 20_000
MAX_RENEWED = 10_000  # formatting elements that a parser reopens after blocks and misnested tags
MAX_GROWTH = 4  # maximum length of a sanitised text, relative to the original ...
GROWTH_FREE = 4_096  # ... plus this many characters


# --- One document ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ContentLimits:
    """Limits of a document's size, of the reported problems, and of the total cost."""

    components: int = 10_000
    depth: int = 100  # components within components
    texts: int = 50_000  # values of directives
    links: int = 20_000  # in texts and in link directives
    references: int = 10_000  # different ones, including those of metadata
    markup: int = 100_000  # tags in texts, and formatting elements that are reopened
    problems: int = 1_000
    seconds: float = 1.0  # of CPU ...
    seconds_per_megabyte: float = 1.0  # ... plus these per million bytes of JSON


LIMITS = ContentLimits()
