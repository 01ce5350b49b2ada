"""Whether a component is shown at a time, to an audience (conditional components, spec 3.18)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from livingdocs_import import errors
from livingdocs_import.validation.messages import UNKNOWN, expected
from livingdocs_import.validation.parameters import Parameters
from livingdocs_import.validation.strict_json import read_json
from livingdocs_import.validation.value_types import instant

CONDITIONS = "componentConditions"
PARAMETERS = ("ignoreComponentConditions", CONDITIONS)


@dataclass(frozen=True, slots=True)
class Audience:
    """The readers of a brand at a time; without a brand, readers of none."""

    moment: datetime
    brand: str | None = None

    def may_see(self, conditions: Mapping[str, Any]) -> bool:
        """Whether a component with these conditions is shown: all of them must hold.

        Components limited to brands are not shown without a brand: nothing is published unintentionally.
        """
        brands, period = conditions.get("brands"), conditions.get("dateTime") or {}
        if brands is not None and self.brand not in brands:
            return False
        start, end = instant(period.get("gte")), instant(period.get("lt"))
        return (start is None or start <= self.moment) and (end is None or self.moment < end)


def visible(components: list[dict[str, Any]], audience: Audience) -> list[dict[str, Any]]:
    """The components that the audience sees, with the components within them that it sees."""
    return [_inside(component, audience) for component in components if _is_visible(component, audience)]


def _is_visible(component: Mapping[str, Any], audience: Audience) -> bool:
    conditions = component.get("conditions")
    return not conditions or audience.may_see(conditions)


def _inside(component: dict[str, Any], audience: Audience) -> dict[str, Any]:
    containers = component.get("containers")
    if not containers:
        return component
    return component | {"containers": {name: visible(inner, audience) for name, inner in containers.items()}}


# --- The audience of a request ---------------------------------------------------------------------------------------


def audience(given: Parameters, now: datetime) -> Audience | None:
    """The audience: `?componentConditions={"dateTime": …, "brand": …}`, by default the public, now.

    None with `?ignoreComponentConditions=true`: all of them.
    """
    if given.flag("ignoreComponentConditions"):
        return None
    conditions = _conditions(given)
    moment = now if "dateTime" not in conditions else instant(conditions["dateTime"], bare_date=True)
    if moment is None:
        given.problems.add('must match format "date-time"', CONDITIONS, "dateTime")
    if not isinstance(brand := conditions.get("brand"), str | None):
        given.problems.add(expected("string"), CONDITIONS, "brand")
    return Audience(moment or now, brand)


def _conditions(given: Parameters) -> dict[str, Any]:
    try:
        conditions = read_json(given.query.get(CONDITIONS, "{}").encode())
    except errors.Invalid:
        conditions = None
    if not isinstance(conditions, dict):
        given.problems.add("must be a JSON object", CONDITIONS)
        return {}
    for name in sorted(conditions.keys() - {"dateTime", "brand"}):
        given.problems.add(UNKNOWN, CONDITIONS, name)
    return conditions
