"""The limits of requests, in one place; docs/specification/budgets.md gives the reasons and the cost of each endpoint.

Limits that operators may change (bytes of a body, items in a batch) are settings; those here belong to the contract or
protect memory and CPU time.
"""

# --- JSON bodies -----------------------------------------------------------------------------------------------------
MAX_DEPTH = 100  # levels of arrays and objects
MAX_VALUES = 2_000_000  # arrays, objects and scalars in one body: each costs about 100 bytes, however short it is

# Of a compressed body: 64 MB of JSON compress to about 5 MB, a bomb to 64 KB.
MAX_INFLATION = 100  # ratio to the compressed size, and the bytes that are always allowed
FREE_INFLATION = 1024 * 1024

# --- Reports of problems ---------------------------------------------------------------------------------------------
MAX_PROBLEMS = 1000  # reported for one request
MAX_RESPONSE_PROBLEMS = 10_000  # in one response with many entries; of every further invalid one the first is reported
MAX_ITEM_PROBLEMS = 20  # of one imported media item, repeated in every status response
MAX_DOCUMENT_PROBLEMS = 100  # of one document, repeated likewise
MAX_METADATA_PROBLEMS = 100  # in one value, or one object: a report must not be longer than its input
AND_MORE = "and more problems"  # the message after the last reported one
MAX_QUOTE = 200  # characters of the input that one problem repeats
MAX_PATH = 500  # characters of the path of one problem
MAX_CONTENT_PATH = 300  # characters of the path of one problem in a document
MAX_STEP = 100  # characters of a name or a key that the client chose
MAX_REASON = 300  # characters of the reason why an imported document failed
MAX_MESSAGE = 2000  # characters of its message
# Reports of entries in one request, which get a result each: bytes, and multiples of the body.
REPORT_BYTES = 256 * 1024
REPORT_TIMES = 4

# --- Metadata --------------------------------------------------------------------------------------------------------
MAX_ID = 200  # characters; ids are indexed

# --- Configurations --------------------------------------------------------------------------------------------------
MAX_CONFIG_BYTES = 10_000_000  # as compact JSON: five times the largest known one; each process keeps it compiled

# --- The admin -------------------------------------------------------------------------------------------------------
MAX_FILTERS = 50  # parameters of a list
MAX_FILTER = 1000  # characters of one of them: longer than any stored value that is searched


def quoted(text: str, longest: int = MAX_QUOTE) -> str:
    """Input of a client, cut to the length that a response may repeat; the ellipsis counts."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def cut(text: str, longest: int) -> str:
    """The text itself, or its beginning and an ellipsis, which does not count."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def beginning(text: str) -> str:
    """The beginning of a name or a value inside a message, without an ellipsis."""
    return text[:MAX_STEP]
