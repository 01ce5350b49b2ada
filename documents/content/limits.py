"""What a document may hold and what its check may cost: all limits in one place (docs/specification/budgets.md).

They are far above what articles are made of. What exceeds one is refused by itself, with the limit and the place in its
errors; the documents beside it are stored.
"""

from dataclasses import dataclass

# --- One text --------------------------------------------------------------------------------------------------------

MAX_TAGS = 5_000
MAX_OPEN = 200  # elements within each other
MAX_ATTRIBUTES = 200  # of one tag
MAX_ATTRIBUTES_IN_ALL = 20_000
MAX_RENEWED = 10_000  # formatting elements that a parser reopens after blocks and misnested tags
MAX_GROWTH = 4  # a sanitised text has at most so many times the characters of the text that was sent ...
GROWTH_FREE = 4_096  # ... and so many more


# --- One document ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ContentLimits:
    """How large a document may be, how much of what is wrong with it is written down, and what all of it may cost."""

    components: int = 10_000
    depth: int = 100  # components within components
    texts: int = 50_000  # values of directives
    links: int = 20_000  # in texts and in link directives
    references: int = 10_000  # different ones; those of metadata count too
    markup: int = 100_000  # tags in texts, and formatting elements that are reopened
    problems: int = 1_000
    seconds: float = 1.0  # of CPU ...
    seconds_per_megabyte: float = 1.0  # ... and so many more for each million bytes of JSON


LIMITS = ContentLimits()
