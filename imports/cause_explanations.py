"""Explanations of failures for operators: the meaning of each cause, and the usual remedy.

The codes are those of docs/specification/causes.md.
"""

from dataclasses import dataclass
from http import HTTPStatus

UNRECORDED = "unrecorded"  # shown for failures from before causes were stored


@dataclass(frozen=True)
class Explanation:
    """A cause in words: a title without a full stop, and a sentence or two for each of the others.

    `of_host`: whether it concerns the server of the item.
    """

    title: str
    meaning: str
    help: str
    of_host: bool = True


_HTTP = {
    401: Explanation(
        "The origin asks for a login (401)",
        "The server requires a login, which this service does not have.",
        "Ask for addresses that need no login, such as signed ones, or for an exception for this service.",
    ),
    403: Explanation(
        "The origin refused the address (403)",
        "The server understood the request and does not want to answer it. The address itself may be right.",
        "Ask the operators of the server to let this service in, or the client for a signed address that has not "
        "expired. Retrying helps only after that.",
    ),
    404: Explanation(
        "The address leads nowhere (404)",
        "The server has no such file.",
        "Export the list for the authors of the addresses. Retrying helps only when the files have been put there.",
    ),
    410: Explanation(
        "The file is gone for good (410)",
        "The server says that the file was removed.",
        "Nothing brings it back: mark the failures as dealt with, or have the client send another address.",
    ),
    429: Explanation(
        "The origin wants fewer requests (429)",
        "The server answered several times that too much is asked of it.",
        "Set a brake for the host (Hosts), then retry.",
    ),
}
_BROKEN = (
    "Several tries were answered with a fault of the server.",
    "Look at the exact answer, inform the operators of the server, and retry when it works again.",
)
_OTHER_STATUS = (
    "The server gave this answer instead of the file.",
    "Look at the exact answer. Retrying helps when something has changed at the server.",
)

_CAUSES = {
    "http-other": Explanation("The origin answered with an unknown status", *_OTHER_STATUS),
    "host-unavailable": Explanation(
        "The host never answered",
        "The server was asked for a while and answered no request of any job.",
        "Look whether its name and port are right and whether it is up. Retry when it is.",
    ),
    "no-connection": Explanation(
        "No connection to the origin",
        "The name could not be resolved, or nothing listens there.",
        "Look whether the address is right and the server is up. Retry when it is.",
    ),
    "timed-out": Explanation(
        "The origin did not answer in time",
        "Each try got no answer, or no end of it, within the time that a download may take.",
        "Retry when the server is less busy, or set a brake for the host.",
    ),
    "incomplete": Explanation(
        "The download ended early",
        "The connection ended before the file did, each time.",
        "Retry. If it happens again, the server or something in front of it cuts answers short.",
    ),
    "wrong-length": Explanation(
        "More came than was announced",
        "The server sent more bytes than it had announced, so that the end of the file is unknown.",
        "Inform the operators of the server: its Content-Length is wrong.",
    ),
    "content-encoding": Explanation(
        "The download could not be unpacked",
        "The body is not encoded in the way that the server says.",
        "Inform the operators of the server: its Content-Encoding is wrong.",
    ),
    "not-http": Explanation(
        "The origin does not speak HTTP",
        "Something answered, but not as a web server does.",
        "Look whether the port in the address is right.",
    ),
    "certificate": Explanation(
        "The certificate was not accepted",
        "The server could not prove that it is the host in the address.",
        "Its operators have to renew or complete the certificate. Retry after that.",
    ),
    "redirects": Explanation(
        "Too many redirects",
        "The address leads to another one, and that again to another, or it does not say clearly where.",
        "Have the client send the address at which the file is in the end.",
    ),
    "bad-url": Explanation(
        "The address cannot be asked for",
        "It is no address for http or https, or it holds a user name and a password.",
        "Export the list for the authors of the addresses.",
        of_host=False,
    ),
    "address-refused": Explanation(
        "The address may not be connected to",
        "The host has an internal address or a port that is not allowed, which protects your network.",
        "If the server is one of yours and meant to be asked, add its network to FETCH_ALLOWED_NETWORKS.",
    ),
    "too-large": Explanation(
        "The file is too large",
        "The file has more bytes than the limit for its kind.",
        "Have the client send a smaller one, or raise the limit and retry.",
    ),
    "not-an-image": Explanation(
        "Something else came instead of a picture",
        "The server answered with something that is no image, often a page that asks for a login or says sorry.",
        "Look at the exact answer: it usually says what the page is. Retry when the server sends the file again.",
    ),
    "not-a-video": Explanation(
        "Something else came instead of a video",
        "The bytes are no video, or have sound alone.",
        "Look at the exact answer. Sound belongs to the files.",
    ),
    "empty-file": Explanation(
        "The file is empty",
        "The server answered without a single byte.",
        "Look at the file where it comes from. Retry when it is there.",
    ),
    "type-not-accepted": Explanation(
        "The type of file is not accepted",
        "It is an image or a file, of a type that this service does not take.",
        "Have the client convert it.",
    ),
    "damaged-image": Explanation(
        "The picture is damaged",
        "The bytes are cut short or broken: programs would show a part of it, or none.",
        "Have the client send the file again from its source. Retrying the same bytes does not help.",
    ),
    "over-limits": Explanation(
        "The picture is too big to be read",
        "It claims more pixels, frames or parts than the limits allow.",
        "Have the client send a smaller one, or raise the limit and retry.",
    ),
    "over-budget": Explanation(
        "Reading the file would cost too much",
        "Looking into it would have taken more time or memory than one item may.",
        "Have the client save the file anew: such files are mostly broken or made to do harm.",
    ),
    "media-type": Explanation(
        "The media type is not configured",
        "The item names a media type that the project does not have for this kind.",
        "Add it to the project's configuration and retry, or have the client send another one.",
        of_host=False,
    ),
    "metadata": Explanation(
        "The metadata do not fit",
        "A value breaks a rule of the project's configuration; the item says which.",
        "Have the client fix the values, or relax the rule and retry.",
        of_host=False,
    ),
    "content": Explanation(
        "The content does not fit",
        "The content breaks a rule of the project's design; the item says where.",
        "Have the client fix it, or extend the design and retry.",
        of_host=False,
    ),
    "content-type": Explanation(
        "The content type is not configured",
        "The document names a content type that the project does not have.",
        "Add it to the project's configuration and retry.",
        of_host=False,
    ),
    "design": Explanation(
        "The design is not configured",
        "The document names a design, or a version of it, that the project does not have.",
        "Have the client send the design of the configuration, or store that one and retry.",
        of_host=False,
    ),
    "conflict": Explanation(
        "It does not fit what is there",
        "The entry has another media type or is revoked, or a number or a unique value is taken.",
        "The item says which. Fix that, then retry.",
        of_host=False,
    ),
    "refused": Explanation(
        "The database did not take it",
        "The row breaks a rule of the database that no check has found before.",
        "Look into the log of the workers: it has the whole error. Report it.",
        of_host=False,
    ),
    "storage": Explanation(
        "The storage was away",
        "The files could not be stored for longer than items wait.",
        "Look whether the storage works again (Overview), then retry.",
        of_host=False,
    ),
    "worker-lost": Explanation(
        "Workers were lost with it",
        "Three processes ended while they worked on this item alone: it probably takes too much memory.",
        "Do not retry before the file has been looked at.",
        of_host=False,
    ),
    "cancelled": Explanation(
        "The job was cancelled",
        "The job was cancelled before the item's turn.",
        "Nothing is wrong with it. Try the job's failed items again if it was cancelled by mistake.",
        of_host=False,
    ),
    "configuration": Explanation(
        "The configuration cannot be used",
        "The project's configuration could not be read when the job was to be carried out.",
        "Store a configuration that can be read, then retry.",
        of_host=False,
    ),
    "internal-error": Explanation(
        "A fault of this service",
        "Something went wrong that is neither the client's nor the origin's doing.",
        "Look into the log of the workers: it has the whole error. Report it; retrying may help.",
        of_host=False,
    ),
    "disk-full": Explanation(
        "No room on the disks of the workers",
        "The file is larger than the room for temporary files, or that was full for hours.",
        "Make room in TMPDIR of the workers, then retry.",
        of_host=False,
    ),
    "": Explanation(
        "The cause was not recorded",
        "These items failed before causes were kept.",
        "The item's reason says what was known. Retry if that may help.",
        of_host=False,
    ),
}


def explanation(cause: str) -> Explanation:
    """The explanation of a cause; one of another version of this service is shown by its code alone."""
    if known := _CAUSES.get(cause):
        return known
    code = cause.removeprefix("http-")
    if code == cause or not code.isdigit():
        return Explanation(f"Failed with {cause}", "This version has no words for it.", *_OTHER_STATUS[1:])
    status = int(code)
    texts = _BROKEN if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _OTHER_STATUS
    return _HTTP.get(status) or Explanation(f"The origin answered: {_phrase(status)} ({status})", *texts)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"


def is_of_host(cause: str) -> bool:
    """Whether failures of this cause are grouped by their server."""
    return explanation(cause).of_host
