"""Variables of the environment that are not read any more, each with what has taken its place.

Whoever takes a setting away adds it here, so that no operator finds out by its effect. One that is still set is warned
about by every process when it starts, and fails `manage.py check --deploy --fail-level WARNING`.
"""

from collections.abc import Mapping

# Name -> what to do instead, a sentence that can stand alone.
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
