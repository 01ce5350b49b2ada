"""How an item ended, before it is written down."""

from dataclasses import dataclass, field
from typing import Any

from imports.models import ImportItem


@dataclass(frozen=True)
class Ended:
    """One item's outcome. OPEN: it did not end and is to be looked at again at once.

    `cause`: why it failed, as a code (docs/specification/causes.md). `counted_as` names the kind's own outcome for the
    webhook's overview (documents: imported, published …). `superfluous`: stored files that nothing refers to.
    """

    item: ImportItem
    outcome: str
    reason: str = ""
    cause: str = ""
    details: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    counted_as: str = ""
    superfluous: list[str] = field(default_factory=list)
