"""Parse an SVG to its end, in bounded time and memory, and return the root's attributes.

The parser is expat. It works through all of each piece of the file, even after a handler has refused the file. So the
causes of expensive pieces are searched before expat gets them: the number of tags and attributes, long namespace
addresses. And pieces are small, except within a single long token, such as a picture in an attribute, because expat
restarts an unfinished token with each piece.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from io import SEEK_END
from threading import Lock
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from media_library.inspect import limits
from media_library.inspect.results import Damaged, NotAnImage, OverBudget, TypeNotAccepted
from media_library.inspect.xml_bytes import XmlBytes
from media_library.inspect.xml_namespaces import NamespaceScan

NAMESPACE = "http://www.w3.org/2000/svg"
XHTML = "http://www.w3.org/1999/xhtml"

FIRST_PIECES = 1 << 12  # bytes, up to the root: declarations of a document type are refused before they are used
PIECES = 1 << 16
NO_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
LONG_PIECES = 1 << 20  # within a long token; Python passes expat no more at a time
# The start and end of each kind of token; the others, tags first of all, contain no `<`.
ENDS = ((b"<!--", b"-->"), (b"<?", b"?>"), (b'"', b'"'), (b"'", b"'"))

_one_large_file = Lock()  # expat holds the GIL, so this costs no time; it saves memory


def root_attributes(file: BinaryIO) -> Mapping[str, str]:
    """The attributes of the `svg` element; raises NotAnImage for anything but a well-formed SVG, and OverBudget."""
    large = file.seek(0, SEEK_END) > limits.SVG_SIDE_BY_SIDE_BYTES
    file.seek(0)
    with _one_large_file if large else nullcontext():
        return _Walk(file).to_the_end()


class _Walk:
    """One file on its way through the parser."""

    def __init__(self, file: BinaryIO) -> None:
        self.source = XmlBytes(file)
        self.document = _Document(self.source.encoding)
        self.fed = 0
        self.end_of_token = b""  # of the current long token
        self.attributes = 0  # of the same

    def to_the_end(self) -> Mapping[str, str]:
        before = b""
        while piece := self._next(before):
            if self.end_of_token == b"<":
                self._count_attributes(piece)
            self.document.feed(piece)
            self.fed += len(piece)
            begins = self.document.position
            if begins >= self.fed - len(piece) or self.document.in_doctype:
                self.end_of_token = b""
            elif not self.end_of_token:
                self._enter_token((before + piece)[begins - self.fed :])
            before = piece
        return self.document.finish()

    def _next(self, before: bytes) -> bytes:
        if self.end_of_token and (piece := self.source.read_to(self.end_of_token, LONG_PIECES, after=before)):
            return piece
        return self.source.read(FIRST_PIECES if self.document.root is None else PIECES)

    def _enter_token(self, beginning: bytes) -> None:
        self.end_of_token = next((end for begin, end in ENDS if beginning.startswith(begin)), b"<")
        self.attributes = 0

    def _count_attributes(self, piece: bytes) -> None:
        self.attributes += piece.count(b"=")
        if self.attributes > limits.SVG_ATTRIBUTES_OF_ONE:
            raise OverBudget(f"SVG with more than {limits.SVG_ATTRIBUTES_OF_ONE} attributes in one element")


class _Document:
    """Counts markup, keeps the attributes of the root, refuses what is not allowed."""

    def __init__(self, encoding: str | None) -> None:
        self.root: dict[str, str] | None = None
        self.in_doctype = False
        self.doctype_bytes = 0
        self.declared = self.declared_values = 0
        self.tags = self.attributes = self.elements = 0
        self.depth = 0
        self.names: dict[str, str] = {}
        self.namespaces = NamespaceScan()
        self.parser = parser = expat.ParserCreate(encoding, " ", self.names)
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self._begin_doctype
        parser.EndDoctypeDeclHandler = self._end_doctype
        parser.AttlistDeclHandler = self._declare_attribute
        parser.EntityDeclHandler = _refuse_entity_declarations
        parser.SkippedEntityHandler = _refuse_unknown_entities
        parser.StartElementHandler = self._start_root
        parser.EndElementHandler = self._end

    @property
    def position(self) -> int:
        """The offset of the incomplete token, or of the end."""
        return self.parser.CurrentByteIndex

    def feed(self, piece: bytes, *, final: bool = False) -> None:
        if piece:
            self._count(piece)
        try:
            self.parser.Parse(piece, final)
        except expat.ExpatError as error:
            if error.code == NO_MEMORY:  # our own error, not the file's
                raise MemoryError from error
            if self.root is None:
                raise NotAnImage("not an image: text that is no well-formed XML") from error
            where = "cut short" if final else "damaged"
            raise Damaged(f"{where}: SVG is not well-formed (line {error.lineno})") from error
        except (ValueError, LookupError) as error:  # unsupported encodings
            raise TypeNotAccepted("SVG in an unknown encoding") from error
        if self.elements > limits.SVG_ELEMENTS:
            raise OverBudget(f"SVG with more than {limits.SVG_ELEMENTS} elements")
        if len(self.names) > limits.SVG_NAMES:
            raise OverBudget(f"SVG with more than {limits.SVG_NAMES} different names")
        if self.in_doctype:
            self.doctype_bytes += len(piece)
            if self.doctype_bytes > limits.SVG_DOCTYPE_BYTES:
                raise OverBudget(f"SVG with a document type of more than {limits.SVG_DOCTYPE_BYTES} bytes")

    def finish(self) -> Mapping[str, str]:
        """The attributes of the root."""
        self.feed(b"", final=True)
        return self.root or {}

    def _count(self, piece: bytes) -> None:
        """Refuse markup that is expensive to parse; characters in texts and comments count as markup."""
        self.tags += piece.count(b"<")
        if self.tags > limits.SVG_TAGS:
            raise OverBudget(f"SVG with more than {limits.SVG_TAGS} tags")
        self.attributes += piece.count(b"=")
        if self.attributes > limits.SVG_ATTRIBUTES:
            raise OverBudget(f"SVG with more than {limits.SVG_ATTRIBUTES} attributes")
        if self.namespaces.finds_overlong(piece):
            raise OverBudget(f"SVG with a namespace of more than {limits.XML_NAMESPACE_BYTES} bytes")

    def _start_root(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        if tag.lower() == "html" or namespace == XHTML:
            raise NotAnImage("not an image: text/html")
        if (namespace, tag) == ("", "svg"):
            raise TypeNotAccepted("SVG without the SVG namespace, which browsers do not show")
        if (namespace, tag) != (NAMESPACE, "svg"):
            raise NotAnImage("not an image: application/xml")
        self.root = attributes
        self.parser.specified_attributes = True  # defaults of a document type need not be reported again and again
        self.parser.StartElementHandler = self._start
        self._start(name, attributes)

    def _start(self, _name: str, _attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        if self.depth > limits.SVG_DEPTH:
            raise OverBudget(f"SVG nested deeper than {limits.SVG_DEPTH} levels")

    def _end(self, _name: str) -> None:
        self.depth -= 1

    def _begin_doctype(self, *_: object) -> None:
        self.in_doctype = True

    def _end_doctype(self) -> None:
        self.in_doctype = False

    def _declare_attribute(self, _element: str, name: str, _kind: str, value: str | None, _required: int) -> None:
        self.declared += 1
        self.declared_values += value is not None
        if self.declared > limits.SVG_DECLARED_ATTRIBUTES or self.declared_values > limits.SVG_DECLARED_VALUES:
            raise OverBudget("SVG with too many attributes declared in its document type")
        if value is not None and (len(value) > limits.SVG_DECLARED_CHARACTERS or _has_prefix(name)):
            raise OverBudget("SVG with too long an attribute declared in its document type")


def _has_prefix(name: str) -> bool:
    """Whether the parser would join the attribute's name with an address for each element."""
    return ":" in name and not name.startswith("xmlns:")


def _refuse_entity_declarations(*_: object) -> NoReturn:
    raise TypeNotAccepted("SVG with entity declarations")


def _refuse_unknown_entities(*_: object) -> NoReturn:
    raise TypeNotAccepted("SVG with references to entities it does not declare")
