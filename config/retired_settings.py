"""Environment variables that are no longer read, each with its replacement.

A commit that removes a setting adds it here. For a variable that is still set, every process logs a warning when it
starts, and `manage.py check --deploy --fail-level WARNING` fails.
"""

from collections.abc import Mapping

# Name -> the replacement, as a sentence that can stand alone.
SUCCESSORS: dict[str, str] = {
    "IMPORT_THREADS": "IMPORT_WINDOW says how many downloads run side by side in one worker process.",
    "IMPORT_MAX_ATTEMPTS": "IMPORT_RETRY_SECONDS has a pause for each try after the first.",
}


def warnings(environment: Mapping[str, str], successors: Mapping[str, str] = SUCCESSORS) -> list[str]:
    """A sentence for each retired variable that is set, also as NAME_FILE."""
    return [
        f"{name} is set, but it is not read any more. {sentence}"
        for retired, sentence in successors.items()
        for name in (retired, f"{retired}_FILE")
        if name in environment
    ]
