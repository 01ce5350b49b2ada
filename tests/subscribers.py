"""Webhooks of a project: its configuration names them, and the origin collects their messages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livingdocs_import.project_config import store
from tests.api_client import CONFIG, Caller
from tests.origin import Origin

Run = Callable[[], None]


def with_webhooks(*hooks: dict[str, Any], config: dict[str, Any] | None = None, **block: Any) -> dict[str, Any]:
    """A configuration with these webhooks."""
    config = config or CONFIG
    webhooks = {"configurations": list(hooks)} | block
    return config | {"settings": config["settings"] | {"webhooks": webhooks}}


@dataclass
class Subscriber:
    """A program that subscribes to the events of a project."""

    caller: Caller
    origin: Origin
    run: Run

    def subscribe(self, *events: Any, handle: str = "cache", config: dict[str, Any] | None = None, **more: Any) -> None:
        """Subscribe to these events only."""
        hook = {"handle": handle, "url": self.origin.url(f"/{handle}"), "events": list(events)} | more
        store.store(self.caller.project, with_webhooks(hook, config=config), by="test")

    def received(self, handle: str = "cache") -> list[dict[str, Any]]:
        """The messages since the last call."""
        seen = len(self.origin.asked(f"/{handle}"))
        self.run()
        bodies = [request.json() for request in self.origin.asked(f"/{handle}")[seen:]]
        return sorted(bodies, key=lambda body: (body.get("documentId", 0), body.get("mediaId", ""), body["event"]))

    def events(self, handle: str = "cache") -> list[str]:
        """The names of those events."""
        return [body["event"] for body in self.received(handle)]
