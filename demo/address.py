"""Where the demo listens, and under which URL a browser finds it."""

import socket
from dataclasses import dataclass
from typing import Self

LOOPBACK = "127.0.0.1"
ANY = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 (all addresses of a machine, and the one that is always among them)


@dataclass(frozen=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read 127.0.0.1:8000 or [::1]:8000; SystemExit for anything else."""
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal():
            raise SystemExit(f"BIND={text}: expected ADDRESS:PORT, for example 127.0.0.1:8000")
        return cls(host.removeprefix("[").removesuffix("]"), int(port))

    @property
    def is_any(self) -> bool:
        """Whether this is every address of the machine."""
        return self.host in ANY

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    @property
    def text(self) -> str:
        """HOST:PORT, to be listened on."""
        return _text(self.host, self.port)

    @property
    def reachable(self) -> str:
        """HOST:PORT, to be connected to."""
        return _text(ANY.get(self.host, self.host), self.port)

    @property
    def url(self) -> str:
        return f"http://{self.reachable}"


def free(host: str, wanted: int) -> Address:
    """The wanted port if it is free, any other otherwise."""
    for port in (wanted, 0):
        address = Address(host, port)
        try:
            with socket.create_server((host, port), family=address.family) as listener:
                return Address(host, listener.getsockname()[1])
        except OSError:
            continue
    raise SystemExit(f"There is no free port on {host}")


def _text(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
