"""The limits of requests, in one place; docs/specification/budgets.md says what each door costs at most, and why.

What operators may turn (bytes of a body, items in a batch) is in the settings; what is here belongs to the contract
or guards memory and CPU time.
"""

# --- JSON bodies -----------------------------------------------------------------------------------------------------
MAX_DEPTH = 100  # levels of arrays and objects
MAX_VALUES = 2_000_000  # arrays, objects and scalars in one body: each costs about 100 bytes, however short it is
BIG_BODY_BYTES = 8 * 1024 * 1024  # larger ones are parsed one at a time in each process
BIG_BODY_WAIT_SECONDS = 5.0  # for the turn of a big body, before the answer is a 503

# --- Reports of what is wrong ----------------------------------------------------------------------------------------
MAX_PROBLEMS = 1000  # told about one request
MAX_QUOTE = 200  # characters of what was sent that one problem repeats
MAX_PATH = 500  # characters of the path of one problem
