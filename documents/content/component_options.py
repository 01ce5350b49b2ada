"""Options of a component beside its content: styles, position, conditions, data (spec 4.5)."""

from collections.abc import Collection
from typing import Any

from documents.content.findings import Findings
from documents.content.value_rules import an_object, not_one_of
from livingdocs_import.validation.messages import UNKNOWN, expected
from livingdocs_import.validation.problems import Path
from livingdocs_import.validation.value_types import instant

OPTIONS = ("styles", "position", "conditions", "data")


def check_options(component: dict[str, Any], properties: Collection[str] | None, findings: Findings) -> dict[str, Any]:
    """The options of a component, as they are stored; null equals absent.

    `properties` are the component properties its styles may set, None for any. `data` may hold anything.
    """
    options = {key: value for key in OPTIONS if (value := component.get(key)) is not None}
    if "styles" in options:
        check_styles(options["styles"], ("styles",), properties, findings)
    if "position" in options and options["position"] != "fixed":
        findings.add(not_one_of(options["position"]), "position")
    if "conditions" in options:
        _check_conditions(options["conditions"], findings)
    if "data" in options and (message := an_object(options["data"])):
        findings.add(message, "data")
    return options


def check_styles(value: Any, path: Path, known: Collection[str] | None, findings: Findings) -> None:
    """`{component property: value}`, values being strings, numbers or booleans; `known` None: any property."""
    if not isinstance(value, dict):
        findings.add(expected("object"), *path)
        return
    for key, setting in value.items():
        if known is not None and key not in known:
            findings.add(UNKNOWN, *path, key)
        elif isinstance(setting, dict | list):
            findings.add(expected("string"), *path, key)


def _check_conditions(conditions: Any, findings: Findings) -> None:
    """`{brands: ["ch"], dateTime: {gte, lt}}`. An unknown one is refused: delivery could not apply it."""
    if not isinstance(conditions, dict):
        findings.add(expected("object"), "conditions")
        return
    for name, condition in conditions.items():
        if name == "brands":
            if not isinstance(condition, list) or not all(isinstance(brand, str) for brand in condition):
                findings.add(expected("array of strings"), "conditions", "brands")
        elif name == "dateTime":
            _check_period(condition, findings)
        else:
            findings.add(UNKNOWN, "conditions", name)


def _check_period(period: Any, findings: Findings) -> None:
    if not isinstance(period, dict):
        findings.add(expected("object"), "conditions", "dateTime")
        return
    for bound, moment in period.items():
        if bound not in {"gte", "lt"}:
            findings.add(UNKNOWN, "conditions", "dateTime", bound)
        elif moment is not None and instant(moment) is None:
            findings.add('must match format "date-time"', "conditions", "dateTime", bound)
