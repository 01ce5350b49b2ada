"""Request bodies: parsed as they arrive, then read by the application as `wsgi.input`."""

import io
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from gunicorn.http.errors import ChunkMissingTerminator, InvalidChunkExtension, InvalidChunkSize

IN_MEMORY = 1 << 20  # bytes; longer bodies go to a temporary file
MAX_CHUNK_LINE = 256  # bytes, extensions included
MAX_TRAILERS = 8190  # bytes
FREE_FRAMING = 1 << 16  # bytes of chunk sizes that are allowed besides one for each byte of content
HEXADECIMAL = frozenset(b"0123456789abcdefABCDEF")


class BodyMissing(BaseException):
    """The application reads a body that has not arrived: it is called again when it has.

    Not an Exception, like asyncio.CancelledError, so that no handler catches it.
    """


class Body:
    """A body as far as it has arrived. The application reads it when it is `complete`, or `over`: cut short."""

    def __init__(self) -> None:
        self._file: IO[bytes] = io.BytesIO()
        self.size = 0  # of the content that has arrived
        self.announced = 0  # bytes of content, if they were
        self.complete = False
        self.over = False  # incomplete, and no more will be received

    @property
    def wanted(self) -> int:
        """How many bytes may be received without reading beyond the body."""
        raise NotImplementedError

    def feed(self, data: memoryview) -> int:
        """Take the bytes that belong to the body; returns their number. Raises gunicorn's ParseException."""
        raise NotImplementedError

    def _keep(self, content: memoryview) -> None:
        if isinstance(self._file, io.BytesIO) and self.size + len(content) > IN_MEMORY:
            begun = self._file.getvalue()
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 closed by `discard`
            self._file.write(begun)
        self._file.write(content)
        self.size += len(content)

    # --- wsgi.input ---

    def read(self, size: int | None = -1) -> bytes:
        """Raises BodyMissing while the body is arriving, OSError if it was cut short."""
        self._require()
        return self._file.read(-1 if size is None else size)

    def readline(self, size: int | None = -1) -> bytes:
        self._require()
        return self._file.readline(-1 if size is None else size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        self._require()
        return self._file.readlines(hint)

    def __iter__(self) -> Iterator[bytes]:
        self._require()
        return iter(self._file)

    def _require(self) -> None:
        if not (self.complete or self.over):
            raise BodyMissing

    @property
    def is_too_long(self) -> bool:
        """Whether a body without an announced length has exceeded the limit."""
        return False

    def rewind(self) -> None:
        """Read from the beginning again. Does nothing while the body is arriving, and the file is written to."""
        if self.complete or self.over:
            self._file.seek(0)

    def discard(self) -> None:
        self._file.close()


class LengthBody(Body):
    """A body with a Content-Length. If it is cut short the application reads less than announced."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.announced = length
        self.complete = length == 0

    @property
    def wanted(self) -> int:
        return self.announced - self.size

    def feed(self, data: memoryview) -> int:
        content = data[: self.wanted]
        self._keep(content)
        self.complete = self.size == self.announced
        return len(content)


class ChunkedBody(Body):
    """A body with `Transfer-Encoding: chunked` (RFC 9112 7.1). Extensions and trailers are ignored."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit  # of the content; a longer body is `over`
        self._left = 0  # bytes of the current chunk, its line end included
        self._line = bytearray()  # the beginning of a size or a trailer
        self._framing = 0  # bytes that are not content
        self._last = False  # trailers follow
        self._trailers = 0

    @property
    def wanted(self) -> int:
        return max(self._left, 1 << 16)

    @property
    def is_too_long(self) -> bool:
        return self.size > self._limit

    def _require(self) -> None:
        super()._require()
        if self.over and not self.is_too_long:
            raise OSError("the last chunk never came")

    def feed(self, data: memoryview) -> int:
        position = 0
        while position < len(data) and not self.complete and not self.over:
            if self._left:
                position += self._chunk(data[position:])
            elif not (self._last or self._line) and (taken := self._whole_chunks(bytes(data[position:]))):
                position += taken
            else:
                position += self._control(data[position:])
        return position

    def _whole_chunks(self, data: bytes) -> int:
        """Take the chunks that have arrived completely, all at once: a shortcut for many small ones."""
        chunks, position = [], 0
        while (end := data.find(b"\r\n", position, position + 16)) > position:
            digits = data[position:end]
            if not HEXADECIMAL.issuperset(digits):
                break
            begin, stop = end + 2, end + 2 + int(digits, 16)
            if stop == begin or data[stop : stop + 2] != b"\r\n":
                break
            chunks.append(data[begin:stop])
            position = stop + 2
        content = b"".join(chunks)
        self._keep(memoryview(content))
        self.over = self.is_too_long
        self._count_framing(position - len(content))
        return position

    def _count_framing(self, length: int) -> None:
        self._framing += length
        if self._framing > FREE_FRAMING + self.size:
            raise InvalidChunkSize(b"chunks of less than a few bytes")

    def _chunk(self, data: memoryview) -> int:
        """Take a part of a chunk, or of the line end after it."""
        content = data[: max(0, self._left - 2)]
        if content:
            self._keep(content)
            self._left -= len(content)
            self.over = self.is_too_long
            return len(content)
        expected = b"\r\n"[-self._left :]
        end = bytes(data[: self._left])
        if end != expected[: len(end)]:
            raise ChunkMissingTerminator(end)
        self._left -= len(end)
        return len(end)

    def _control(self, data: memoryview) -> int:
        """Take a part of a line that is not content: the size of the next chunk, or a trailer."""
        max_length = MAX_TRAILERS if self._last else MAX_CHUNK_LINE
        piece = bytes(data[: max_length + 2])
        end = piece.find(b"\n")
        taken = piece if end < 0 else piece[: end + 1]
        self._line += taken
        if len(self._line) > max_length:
            raise InvalidChunkSize(b"line over %d bytes with no terminator" % max_length)
        self._count_framing(len(taken))
        if end >= 0:
            line, self._line = bytes(self._line), bytearray()
            if not line.endswith(b"\r\n"):
                raise InvalidChunkSize(b"bare LF as line terminator")
            self._trailer(line) if self._last else self._size(line[:-2])
        return len(taken)

    def _size(self, line: bytes) -> None:
        digits, semicolon, extension = line.partition(b";")
        if semicolon:
            digits = digits.rstrip(b" \t")
            if any(byte < 32 and byte != 9 for byte in extension):
                raise InvalidChunkExtension(b"control character")
        if not digits or len(digits) > 16 or not HEXADECIMAL.issuperset(digits):
            raise InvalidChunkSize(digits)
        size = int(digits, 16)
        self._last = size == 0
        self._left = size + 2 if size else 0

    def _trailer(self, line: bytes) -> None:
        self._trailers += len(line)
        if self._trailers > MAX_TRAILERS:
            raise InvalidChunkSize(b"too many trailers")
        self.complete = line == b"\r\n"


def body_of(request: Any, limit: int) -> Body:
    """The body that the head announces. gunicorn's parser has refused heads with conflicting framing."""
    headers = dict(request.headers)
    if "TRANSFER-ENCODING" in headers:
        return ChunkedBody(limit)
    return LengthBody(int(headers.get("CONTENT-LENGTH", 0)))
