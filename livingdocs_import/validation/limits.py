"""The limits of requests, in one place; docs/specification/budgets.md says what each door costs at most, and why.

What operators may turn (bytes of a body, items in a batch) is in the settings; what is here belongs to the contract
or guards memory and CPU time.
"""

# --- JSON bodies -----------------------------------------------------------------------------------------------------
MAX_DEPTH = 100  # levels of arrays and objects
MAX_VALUES = 2_000_000  # arrays, objects and scalars in one body: each costs about 100 bytes, however short it is

# Of a compressed body: 64 MB of JSON are some 5 MB, those of a bomb 64 KB.
MAX_INFLATION = 100  # times what was sent; so many bytes besides are free
FREE_INFLATION = 1024 * 1024

# --- Reports of what is wrong ----------------------------------------------------------------------------------------
MAX_PROBLEMS = 1000  # told about one request
MAX_METADATA_PROBLEMS = 100  # found in one value, told of one object: a report must not exceed what it reports on
AND_MORE = "and more problems"  # the message after the last one that is told
MAX_QUOTE = 200  # characters of what was sent that one problem repeats
MAX_PATH = 500  # characters of the path of one problem
MAX_STEP = 100  # characters of one key in a JSON pointer
MAX_MESSAGE = 2000  # characters of its message
# What is told of ready-made entries, each of which gets an answer of its own: so many bytes and times the body.
REPORT_BYTES = 256 * 1024
REPORT_TIMES = 4

# --- Metadata --------------------------------------------------------------------------------------------------------
MAX_ID = 200  # characters; ids are indexed

# --- The admin -------------------------------------------------------------------------------------------------------
MAX_FILTERS = 50  # parameters of a list
MAX_FILTER = 1000  # characters of one of them: longer than anything that is stored to be looked for


def quoted(text: str, longest: int = MAX_QUOTE) -> str:
    """What a client sent, no longer than an answer should repeat it."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
