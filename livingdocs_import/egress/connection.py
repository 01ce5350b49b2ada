"""The only place that opens a connection to an address a client named (Q-31).

A host is resolved once, every address is checked, and the connection goes to one of the checked addresses without a
second lookup. Proxies, netrc and cookies are not used. Time is bounded for the lookup, for connection and handshake,
and for each read and write; all of it ends at the caller's stop deadline.
"""

import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Self

import certifi
from django.conf import settings

from livingdocs_import.egress.errors import AddressNotAllowed, CertificateNotAccepted, NoConnection
from livingdocs_import.egress.ssrf import Address, AddressPolicy
from livingdocs_import.egress.url import Target

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

Resolver = Callable[[str], Sequence[str]]

# A lookup cannot be interrupted: after its deadline its thread lives on until the system's resolver gives up. This many
# may hang at the same time; further ones wait, within their own deadlines.
_lookups = threading.BoundedSemaphore(64)


class ResponseTooLarge(OSError):
    """More bytes arrived than the socket's limits allow."""


def never() -> float:
    """The stop deadline of callers that have none."""
    return math.inf


@dataclass
class CallLimits:
    """The time and the bytes of a call, kept by the sockets of all its connections."""

    read_timeout: float  # seconds for one read or write
    deadline: float = math.inf  # the moment of time.monotonic() after which nothing is read or written
    min_bytes_per_second: float = 0.0  # of a body, on average, once it has taken longer than `read_timeout`
    max_bytes: float = math.inf  # left to read; reads reduce it
    stop_deadline: Callable[[], float] = never  # called each time: the process may be asked to stop in between

    @property
    def cutoff(self) -> float:
        """`deadline`, or the stop deadline where that is earlier."""
        return min(self.deadline, self.stop_deadline())

    def arm(self, connection: socket.socket) -> None:
        """Prepare a socket for one read or write. Raises TimeoutError when there is no time left."""
        seconds = min(self.read_timeout, seconds_left(self.cutoff))
        if seconds != connection.gettimeout():  # setting it costs a system call
            connection.settimeout(seconds)

    def is_too_slow(self, size: int, seconds: float) -> bool:
        """Whether the average rate of the body is too low so far."""
        return seconds > self.read_timeout and size < seconds * self.min_bytes_per_second

    def charge(self, read: int) -> None:
        """Subtract from the bytes left. Raises ResponseTooLarge if there are not enough."""
        self.max_bytes -= read
        if self.max_bytes < 0:
            raise ResponseTooLarge


class DeadlineSocket(socket.socket):
    """A socket that enforces its limits at every single read and write.

    A plain timeout starts again with every byte: a server that sends one byte a second would block a worker for ever.
    Buffered readers and http.client use this socket like any other.
    """

    limits = CallLimits(read_timeout=10.0, deadline=0.0)  # no reads or writes before the connector has set them

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        self.limits.arm(self)
        received = super().recv(buflen, flags)
        self.limits.charge(len(received))
        return received

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0) -> int:
        self.limits.arm(self)
        read = super().recv_into(buffer, nbytes or memoryview(buffer).nbytes, flags)
        self.limits.charge(read)
        return read

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:
        self.limits.arm(self)
        return super().send(data, flags)

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        self.limits.arm(self)
        super().sendall(data, flags)


class DeadlineTLSSocket(DeadlineSocket, ssl.SSLSocket):
    """The same over TLS."""


def seconds_left(deadline: float) -> float:
    """Seconds from now until a moment of time.monotonic(). Raises TimeoutError when it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def system_resolver(host: str) -> list[str]:
    """All addresses of a host in the order in which they should be tried. Raises OSError."""
    # As bytes: a str would go through the `idna` codec of 2003, which raises UnicodeError for long labels.
    answers = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in answers]


@cache
def tls_context(authorities: str = certifi.where()) -> ssl.SSLContext:
    """Certificates and host names are verified against the system's authorities (SSL_CERT_FILE) and those of a file.

    Both, because slim images come without the former and intranets need them. Cached: reading them takes 30 ms.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(authorities)
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = DeadlineTLSSocket
    return context


def _admit_any(address: Address) -> None:
    """The default of `before_connecting`: every address is accepted."""


@dataclass(frozen=True)
class Connector:
    """Opens connections to the addresses a policy permits."""

    policy: AddressPolicy
    connect_seconds: float = 5.0  # for lookup, connection and handshake together
    resolve: Resolver = system_resolver
    tls: ssl.SSLContext = field(default_factory=tls_context)
    before_connecting: Callable[[Address], None] = _admit_any  # an exception it raises ends connect()
    stop_deadline: Callable[[], float] = never  # of time.monotonic(); all connections are cut after it

    @classmethod
    def from_settings(
        cls,
        *,
        before_connecting: Callable[[Address], None] = _admit_any,
        stop_deadline: Callable[[], float] = never,
    ) -> Self:
        """Raises ValueError if FETCH_ALLOWED_NETWORKS or FETCH_ALLOWED_PORTS cannot be parsed."""
        return cls(
            AddressPolicy.parse(settings.FETCH_ALLOWED_NETWORKS, settings.FETCH_ALLOWED_PORTS),
            connect_seconds=settings.FETCH_CONNECT_SECONDS,
            before_connecting=before_connecting,
            stop_deadline=stop_deadline,
        )

    def connect(self, target: Target, limits: CallLimits) -> DeadlineSocket:
        """Connect to the server of a target; with TLS for https, verifying its name.

        The socket enforces the limits. Raises AddressNotAllowed, CertificateNotAccepted or NoConnection.
        """
        deadline = min(limits.cutoff, time.monotonic() + self.connect_seconds)
        try:
            addresses = self._addresses(target, deadline)
            connection = self._connect(addresses, target.port, deadline)
            if target.scheme == "https":
                connection = self._secure(connection, target.host, deadline)
        except ssl.SSLCertVerificationError as error:
            raise CertificateNotAccepted from error
        except OSError as error:  # includes timeouts and TLS errors
            raise NoConnection(reached=_was_reached(error)) from error
        connection.limits = limits
        return connection

    def _addresses(self, target: Target, deadline: float) -> list[Address]:
        addresses = [ip_address(answer) for answer in _look_up(target.host, self.resolve, deadline)]
        # All addresses must be permitted: otherwise a name with a public and a private address could be retried until
        # the private one is connected to. The error is the same whether anything listens there or not.
        if not all(self.policy.permits(address, target.port) for address in addresses):
            raise AddressNotAllowed
        return list(dict.fromkeys(addresses))

    def _connect(self, addresses: list[Address], port: int, deadline: float) -> DeadlineSocket:
        failure: OSError | None = None
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            self.before_connecting(address)
            family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
            try:
                connection = DeadlineSocket(family, socket.SOCK_STREAM)
            except OSError as error:  # a machine without IPv6, for instance: the next address may work
                failure = error
                continue
            try:
                # Each address gets an equal share of the time: a dead first one must not use up that of the second.
                connection.settimeout(seconds_left(deadline) / left)
                connection.connect((str(address), port))
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                connection.close()
                failure = error
            else:
                return connection
        raise failure or OSError("the name has no address")

    def _secure(self, connection: DeadlineSocket, host: str, deadline: float) -> DeadlineSocket:
        try:
            connection.settimeout(seconds_left(deadline))  # of the whole handshake
            secured = self.tls.wrap_socket(connection, server_hostname=host.removesuffix("."))
        except OSError:
            connection.close()
            raise
        assert isinstance(secured, DeadlineTLSSocket)  # see tls_context
        return secured


def _was_reached(error: OSError) -> bool:
    """Whether a server caused the error: a refused connection, an unknown name, a failed handshake."""
    if isinstance(error, socket.gaierror):
        return error.errno != socket.EAI_AGAIN
    return isinstance(error, ConnectionError | ssl.SSLError)


def _look_up(host: str, resolve: Resolver, deadline: float) -> Sequence[str]:
    """The resolver's answers, or TimeoutError at the deadline: getaddrinfo itself has no timeout.

    The lookup runs in a daemon thread of its own; in a pool's thread a hanging lookup would delay the process's exit.
    """
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    answer: Future[Sequence[str]] = Future()

    def look_up() -> None:
        try:
            answer.set_result(resolve(host))
        except Exception as error:  # re-raised in the caller's thread
            answer.set_exception(error)
        finally:
            _lookups.release()

    if not _lookups.acquire(timeout=seconds_left(deadline)):
        raise TimeoutError
    threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
    return answer.result(timeout=seconds_left(deadline))
