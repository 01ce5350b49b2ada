"""Form fields for metadata properties: how a value is shown in them, and read from them. The schema checks it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from livingdocs_import import errors
from livingdocs_import.admin import readable
from livingdocs_import.metadata.definitions import Property
from livingdocs_import.validation.strict_json import read_json
from livingdocs_import.validation.value_types import Flag, Integer, List, Moment, Text
from media_library.admin import labels
from media_library.search.facets import is_alt

MANY = 120  # characters: longer texts get more lines
LONG = frozenset({"caption", "description"})  # of these blank ones as well
_NUMBER = re.compile(r"-?[0-9]{1,30}")
_FRACTION = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
Parts = Mapping[str, str]


class TextValue(forms.CharField):
    """A text as it is typed: blank is "", line ends are those of JSON."""

    def __init__(self, rows: int = 1, attributes: Mapping[str, str] | None = None) -> None:
        widget = forms.Textarea(attrs={"rows": str(rows)}) if rows > 1 else None
        super().__init__(required=False, strip=False, show_hidden_initial=True, widget=widget)
        self.widget.attrs |= attributes or {}

    def to_python(self, value: Any) -> str:
        return str(value or "").replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class Choices(TextValue):
    """One of some texts; a stored one that is none of them stays until another is chosen."""

    def __init__(self, choices: list[tuple[str, str]], stored: str) -> None:
        super().__init__()
        if stored not in dict(choices):
            choices = [*choices, (stored, stored)]
        self.widget = forms.Select(choices=choices)


@dataclass(frozen=True)
class Editor:
    """The fields of one property, by a suffix of their names; `shown` is the value in them, `read` what they hold.

    `read` gets the parts and the stored value, and raises ValidationError for what is no JSON.
    """

    property: Property
    label: str
    fields: Mapping[str, TextValue]
    shown: Mapping[str, str]
    read: Callable[[Parts, Any], Any]
    note: str = ""
    is_json: bool = False
    is_focal: bool = False
    locale: str = ""  # of a translation

    def name(self, suffix: str) -> str:
        """The name of a form field."""
        return f"{f't-{self.locale}' if self.locale else 'm'}-{self.property.handle}{suffix}"


def translated(property_: Property, locale: str, value: Any) -> Editor:
    """The same for a translation, in which nothing is required."""
    return replace(editor(property_, value), locale=locale, note="")


def editor(property_: Property, value: Any) -> Editor:
    """The fields that suit the plugin of a property and its stored value; JSON where none do."""
    form, kind = property_.behaviour.format, property_.plugin
    if kind == "li-named-crops" and (point := _focal_point(value)) is not None:
        return _focal(property_, point)
    if kind == "li-datetime-validity" and (value is None or isinstance(value, dict)):
        return _period(property_, value or {})
    if isinstance(form, Text) and (value is None or isinstance(value, str)):
        return _text(property_, form, value or "")
    if isinstance(form, Flag) and (value is None or isinstance(value, bool)):
        choices = Choices([("", "not set"), ("true", "yes"), ("false", "no")], _as_word(value))
        return _single(property_, choices, _as_word(value), _flag)
    if isinstance(form, Integer) and (value is None or type(value) is int):
        field = TextValue(attributes={"inputmode": "numeric"})
        return _single(property_, field, "" if value is None else str(value), _integer)
    if isinstance(form, Moment) and (value is None or isinstance(value, str)):
        note = "A date, such as 2026-11-29" if form.bare_date else "A moment, such as 2026-11-29T14:20:00Z"
        return _single(property_, TextValue(), value or "", _or_none, note)
    if isinstance(form, List) and isinstance(form.item, Text) and _is_lines(value):
        return _single(property_, TextValue(rows=3), "\n".join(value or []), _lines, "One on each line")
    return _json(property_, value)


def _single(
    property_: Property,
    field: TextValue,
    shown: str,
    read: Callable[[str], Any],
    note: str = "",
    *,
    is_json: bool = False,
) -> Editor:
    label, note = labels.of_property(property_), note or ("Required" if property_.required else "")
    return Editor(property_, label, {"": field}, {"": shown}, lambda parts, _: read(parts[""]), note, is_json)


def _text(property_: Property, form: Text, value: str) -> Editor:
    if form.choices is not None:
        choices = [("", "not set"), *((choice, choice) for choice in sorted(form.choices))]
        return _single(property_, Choices(choices, value), value, _or_none)
    is_long = form.newlines and (len(value) > MANY // 2 or property_.handle.lower() in LONG or is_alt(property_.handle))
    note = f"At most {form.longest} characters" if form.longest else ""
    if is_alt(property_.handle) and not value:
        note = "Missing. Say what is to be seen, for readers who do not see it"
    rows = 3 if len(value) > MANY else 2 if is_long or "\n" in value else 1
    return _single(property_, TextValue(rows=rows), value, _or_none, note)


def _period(property_: Property, value: Mapping[str, Any]) -> Editor:
    label = labels.of_property(property_)
    shown = {f"-{end}": str(value.get(end) or "") for end in ("from", "to")}

    def read(parts: Parts, _: Any) -> Any:
        return {end: parts[f"-{end}"] for end in ("from", "to") if parts[f"-{end}"].strip()} or None

    fields = {suffix: TextValue(attributes={"aria-label": f"{label} {suffix[1:]}"}) for suffix in shown}
    note = "From and to; moments, such as 2026-11-29T14:20:00Z, or blank"
    return Editor(property_, label, fields, shown, read, note)


def _focal(property_: Property, point: Mapping[str, float]) -> Editor:
    """Percent of width and height; the stored fractions keep what the picture cannot show."""
    shown = {f"-{axis}": _percent(point[axis]) if point else "" for axis in ("x", "y")}

    def read(parts: Parts, stored: Any) -> Any:
        given = {axis: parts[f"-{axis}"].strip() for axis in ("x", "y")}
        others = {name: value for name, value in (stored or {}).items() if name != "focalPoint"}
        if not any(given.values()):
            return others or None
        if not all(_FRACTION.fullmatch(text) and float(text) <= 100 for text in given.values()):
            raise ValidationError("must be two numbers from 0 to 100")
        return others | {"focalPoint": {axis: round(float(text) / 100, 6) for axis, text in given.items()}}

    sides = {"x": "from the left", "y": "from the top"}
    fields = {
        f"-{axis}": TextValue(
            attributes={"data-focal": axis, "inputmode": "decimal", "aria-label": f"Focal point {side}, in percent"}
        )
        for axis, side in sides.items()
    }
    note = "What must never be cut off: click on it in the picture"
    return Editor(property_, "Focal point, in %", fields, shown, read, note, is_focal=True)


def _percent(fraction: float) -> str:
    """Such as 33.3333: never with an exponent, which would not be read."""
    return f"{100 * fraction:.4f}".rstrip("0").rstrip(".")


def _focal_point(value: Any) -> Mapping[str, float] | None:
    """That of named crops, {} if there is none yet; None: it cannot be edited as fractions."""
    if value is None:
        return {}
    point = value.get("focalPoint") if isinstance(value, dict) else None
    if isinstance(value, dict) and point is None:
        return {}
    if not isinstance(point, dict):
        return None
    x, y = point.get("x"), point.get("y")
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        return None
    return {"x": float(x), "y": float(y)} if 0 <= x <= 1 and 0 <= y <= 1 else None


def _json(property_: Property, value: Any) -> Editor:
    shown = "" if value is None else readable.lines(value)
    field = TextValue(min(12, shown.count("\n") + 2), {"spellcheck": "false", "class": "code"})
    return _single(property_, field, shown, _parsed, "JSON", is_json=True)


def _parsed(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return read_json(text.encode())
    except (errors.ApiError, UnicodeEncodeError) as error:
        raise ValidationError(f"is no JSON: {error}") from error


def _or_none(text: str) -> str | None:
    return text if text.strip() else None


def _flag(text: str) -> bool | None:
    """Another word than those of the choices is refused: None would remove the property."""
    words = {"": None, "true": True, "false": False}
    if text.strip() not in words:
        raise ValidationError("must be true or false, or blank")
    return words[text.strip()]


def _integer(text: str) -> Any:
    """What is no number stays a text, which the schema refuses."""
    text = text.strip()
    return int(text) if _NUMBER.fullmatch(text) else text or None


def _lines(text: str) -> list[str] | None:
    return [line.strip() for line in text.split("\n") if line.strip()] or None


def _is_lines(value: Any) -> bool:
    return value is None or (
        isinstance(value, list)
        and all(isinstance(each, str) and each == each.strip() and "\n" not in each for each in value)
    )


def _as_word(value: bool | None) -> str:
    return "" if value is None else "true" if value else "false"
