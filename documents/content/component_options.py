"""What a component says beside its content: styles, position, conditions, data (spec 4.5)."""

from collections.abc import Collection
from typing import Any

from documents.content.problems import Findings
from documents.content.value_rules import UNKNOWN, an_object, expected, not_one_of
from livingdocs_import.validation.value_types import instant

OPTIONS = ("styles", "position", "conditions", "data")


def check_options(component: dict[str, Any], properties: Collection[str] | None, findings: Findings) -> dict[str, Any]:
    """The options a component has, as they are stored; null is the same as absent.

    `properties` are the component properties its styles may set, None for any. `data` may hold anything.
    """
    found = {key: value for key in OPTIONS if (value := component.get(key)) is not None}
    if "styles" in found:
        check_styles(found["styles"], "styles", properties, findings)
    if "position" in found and found["position"] != "fixed":
        findings.add_problem("position", not_one_of(found["position"]))
    if "conditions" in found:
        _check_conditions(found["conditions"], findings)
    if "data" in found and (message := an_object(found["data"])):
        findings.add_problem("data", message)
    return found


def check_styles(value: Any, path: str, known: Collection[str] | None, findings: Findings) -> None:
    """`{component property: value}`, values being strings, numbers or booleans; `known` None: any property."""
    if not isinstance(value, dict):
        findings.add_problem(path, expected("object"))
        return
    for key, found in value.items():
        if known is not None and key not in known:
            findings.add_problem(f"{path}.{key}", UNKNOWN)
        elif isinstance(found, dict | list):
            findings.add_problem(f"{path}.{key}", expected("string"))


def _check_conditions(conditions: Any, findings: Findings) -> None:
    """`{brands: ["ch"], dateTime: {gte, lt}}`. One nobody understands is refused: delivery could not keep it."""
    if not isinstance(conditions, dict):
        findings.add_problem("conditions", expected("object"))
        return
    for name, condition in conditions.items():
        if name == "brands":
            if not isinstance(condition, list) or not all(isinstance(brand, str) for brand in condition):
                findings.add_problem("conditions.brands", expected("array of strings"))
        elif name == "dateTime":
            _check_period(condition, findings)
        else:
            findings.add_problem(f"conditions.{name}", UNKNOWN)


def _check_period(period: Any, findings: Findings) -> None:
    if not isinstance(period, dict):
        findings.add_problem("conditions.dateTime", expected("object"))
        return
    for bound, moment in period.items():
        if bound not in {"gte", "lt"}:
            findings.add_problem(f"conditions.dateTime.{bound}", UNKNOWN)
        elif moment is not None and instant(moment) is None:
            findings.add_problem(f"conditions.dateTime.{bound}", 'must match format "date-time"')
