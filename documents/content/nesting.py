"""An upper bound of the elements that an HTML parser would build from a text, counted before it is parsed.

A parser that meets `</p>` within `<b>` closes the bold and reopens it after the paragraph, so a few kilobytes of
formatting elements and blocks become megabytes of elements; and each open element makes the next tag more expensive.
The count follows the part of tree construction that decides which elements are open ("in body"), as far as it is
certain. Where it is not (tables, forms, foreign elements, tags that browsers repair), an end tag closes nothing but the
start tag right before it: the count is then too high rather than too low.

Takes time in proportion to the text. Source: HTML standard, 13.2.6.4.7, and 13.2.4.3 for active formatting elements.
"""

import re
from collections import Counter
from typing import NamedTuple

FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905
_BLOCKS = frozenset(
    """address article aside blockquote center details dir div dl fieldset figcaption figure footer header hgroup
    listing main menu nav ol pre section summary ul""".split()  # noqa: SIM905 as a list it would fill a page
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ITEMS = {"li": frozenset({"li"}), "dd": frozenset({"dd", "dt"}), "dt": frozenset({"dd", "dt"})}  # these end others
_SPECIAL = _BLOCKS | _HEADINGS | {"p", *_ITEMS}
_PASSED_BY_ITEMS = frozenset({"address", "div", "p"})
_BETWEEN_BLOCKS = frozenset({"hr", "xmp"})  # end a paragraph, and hold no elements
_NEVER_OPEN = frozenset(
    """area base basefont bgsound body br col embed frame frameset head hr html image img input keygen link meta param
    source track wbr""".split()  # noqa: SIM905
)
_NEVER_OPEN_ANYWHERE = frozenset({"body", "br", "embed", "head", "hr", "img", "meta"})  # not even within an <svg>
_OF_TABLES = frozenset({"caption", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"})
_RAW = frozenset({"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"})
_IMPLIED = {"table": 2}  # a body and a row, opened by a cell

_UNCERTAIN = re.compile(
    """<(?:applet|button|dialog|form|marquee|math|noscript|object|optgroup|option|plaintext|search|select|svg|table
    |template)(?![^\t\n\f\r />])""".replace("\n    ", ""),
    re.IGNORECASE | re.ASCII,
)

# Markup that every parser reads in the same way, in any context; a quote in an unusual place is not part of it.
_SPACE = r"[\t\n\f\r\x20]"
_NAME = r"[a-zA-Z][^\t\n\f\r\x20/><]*+"
_VALUE = r"""(?:"[^"<]*+"|'[^'<]*+'|[^\t\n\f\r\x20"'<>=`][^\t\n\f\r\x20"'<>]*+)"""
_ATTRIBUTE = rf"""[^\t\n\f\r\x20/>="'<]++(?:{_SPACE}*+={_SPACE}*+{_VALUE})?+"""
_CERTAIN = re.compile(
    rf"""<(?: /(?P<end>{_NAME}){_SPACE}*+>
            | (?P<start>{_NAME})(?:[\t\n\f\r\x20/]++(?:{_ATTRIBUTE})?+)*+>
            | !--(?!-?>)[^-]*+(?:-(?!-!?>)[^-]*+)*+-->
            | !(?!--|\[CDATA\[)[^<>]*+>
            | \?[^<>]*+>
          )""",
    re.VERBOSE,
)
_MARKUP = re.compile(r"<[a-zA-Z/!?]")
_ANY_TAG = re.compile(r"</?([a-zA-Z][^\t\n\f\r />]*+)")
_RAW_END = {name: re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE | re.ASCII) for name in _RAW}

_END_THE_PREVIOUS = frozenset({"a", "nobr"})
_ADOPTERS = 8  # blocks that share a formatting element that ends too early, at most
_EQUAL_ONES = 3  # of equal elements, this many are reopened
_WEIGHT = 8  # bytes of a start tag that cost as much as an element


class Nesting(NamedTuple):
    """The work of a parser, at most."""

    open: int  # elements within each other
    renewed: int  # elements that are reopened, long ones counted as several


class _Open(NamedTuple):
    """A start tag whose end has not been seen."""

    name: str
    tag: str  # all of it
    misnested: int  # amount of misnesting when it was opened


def count(text: str, *, most_open: int, most_renewed: int) -> Nesting:
    """The nesting of a text; counting stops once one of the two is exceeded."""
    return _Count(text, most_open, most_renewed).run()


class _Count:
    """One walk over one text."""

    def __init__(self, text: str, most_open: int, most_renewed: int) -> None:
        self.text = text
        self.most_open, self.most_renewed = most_open, most_renewed
        self.is_certain = _UNCERTAIN.search(text) is None
        self.stack: list[_Open] = []
        self.implied = 0
        self.most = 0
        self.misnested = 0  # end tags and blocks that closed, or may have closed, more than the last opened element
        self.active: dict[str, Counter[str]] = {}  # tags of formatting elements that may be reopened, by name
        self.number = 0  # of these
        self.weights: Counter[str] = Counter()  # theirs, by name
        self.weight = 0
        self.renewed = 0

    def run(self) -> Nesting:
        position, text = 0, self.text
        while (found := _MARKUP.search(text, position)) and not self._is_over():
            token = _CERTAIN.match(text, found.start())
            if token is None:
                self._doubt(found.start())
                break
            position = token.end()
            if name := token["start"]:
                name = _lowered(name)
                self._start(name, token[0])
                if name in _RAW:
                    ending = _RAW_END[name].search(text, position)
                    inside = text[position : ending.start() if ending else len(text)]
                    if not self.is_certain or "<!--" in inside:
                        self._doubt(position)
                        break
                    position += len(inside)
            elif name := token["end"]:
                self._end(_lowered(name))
        return Nesting(self.most, self.renewed)

    def _is_over(self) -> bool:
        return self.most > self.most_open or self.renewed > self.most_renewed

    def _doubt(self, position: int) -> None:
        """From here on count as if every start tag opened an element and no end tag closed one."""
        self._become_uncertain()
        for tag in _ANY_TAG.finditer(self.text, position):
            if self._is_over():
                return
            begins = tag.start()
            ends = self.text.find("<", tag.end())
            if self.text[begins + 1] == "/":
                self._end_wrongly(_lowered(tag[1]))
            else:
                self.misnested += 1
                self._start(_lowered(tag[1]), self.text[begins : ends if ends >= 0 else len(self.text)])

    def _become_uncertain(self) -> None:
        """From now on equal elements count as often as they occurred."""
        if self.is_certain:
            self.is_certain = False
            self.weights = Counter({name: _weights(equal) for name, equal in self.active.items()})
            self.weight = self.weights.total()

    # --- Start tags --------------------------------------------------------------------------------------------------

    def _start(self, name: str, tag: str) -> None:
        if not self.is_certain:
            self._renew()
            if name in _NEVER_OPEN_ANYWHERE:
                return
        elif name in _SPECIAL or name in _BETWEEN_BLOCKS:
            self._begin_block(name)
            if name in _BETWEEN_BLOCKS:
                return
        elif name in _NEVER_OPEN or name in _RAW or name in _OF_TABLES:
            return
        if name in FORMATTING:
            self._activate(name, tag)
        self.stack.append(_Open(name, tag, self.misnested))
        self.implied += _IMPLIED.get(name, 0)
        opened = len(self.stack) + self.implied + (self.number if self.misnested else 0)
        if opened > self.most:
            self.most = opened

    def _begin_block(self, name: str) -> None:
        """Close what the start of a block closes: an item of its list, a paragraph, a heading."""
        if name in _ITEMS:
            for index in range(len(self.stack) - 1, -1, -1):
                other = self.stack[index].name
                if other in _ITEMS[name]:
                    self._close(index)
                    break
                if other in _SPECIAL and other not in _PASSED_BY_ITEMS:
                    break
        special = self._innermost_special()
        if special >= 0 and self.stack[special].name == "p":
            self._close(special)
        special = self._innermost_special() if name in _HEADINGS else -1
        if special >= 0 and self.stack[special].name in _HEADINGS:
            if special == len(self.stack) - 1 and not self.weight:
                self._close(special)
            else:
                self._become_uncertain()
        self._renew()

    def _activate(self, name: str, tag: str) -> None:
        if name in _END_THE_PREVIOUS and self.weights[name]:
            self._adopt(name)
        if self.is_certain and name == "a" and self.weights["a"]:
            self.number -= self.active.pop("a").total()
            self.weight -= self.weights.pop("a")
        self.renewed += self.weights[name]  # it is compared with those of its name
        equal = self.active.setdefault(name, Counter())
        equal[tag] += 1
        self.number += 1
        if not self.is_certain or equal[tag] <= _EQUAL_ONES:
            self._weigh(name, tag, 1)

    def _weigh(self, name: str, tag: str, sign: int) -> None:
        weight = sign * _weight(tag)
        self.weights[name] += weight
        self.weight += weight

    # --- End tags ----------------------------------------------------------------------------------------------------

    def _end(self, name: str) -> None:
        stack = self.stack
        if stack and stack[-1].name == name and not (name in FORMATTING and stack[-1].misnested != self.misnested):
            closed = stack.pop()
            self.implied -= _IMPLIED.get(name, 0)
            if name in FORMATTING:
                self._deactivate(closed)
            self._renew()
        elif self.is_certain and name in _SPECIAL:
            self._end_block(name)
        else:
            self._end_wrongly(name)

    def _end_wrongly(self, name: str) -> None:
        if name in FORMATTING:
            self._adopt(name)
        else:
            self._misnest()

    def _adopt(self, name: str) -> None:
        """A misplaced end of a formatting element: each block opened within it gets a part of it."""
        self._misnest()
        if self.weights[name]:
            begun = next((index for index, element in enumerate(self.stack) if element.name == name), 0)
            special = sum(1 for element in self.stack[begun:] if element.name in _SPECIAL)
            self.renewed += min(_ADOPTERS, special if self.is_certain else _ADOPTERS) * self.weight

    def _deactivate(self, closed: _Open) -> None:
        equal = self.active[closed.name]
        if not self.is_certain or equal[closed.tag] <= _EQUAL_ONES:
            self._weigh(closed.name, closed.tag, -1)
        equal[closed.tag] -= 1
        self.number -= 1

    def _end_block(self, name: str) -> None:
        index = self._innermost(_HEADINGS if name in _HEADINGS else frozenset({name}), beyond_lists=name != "li")
        if index >= 0:
            self._close(index)
        self._renew()

    def _innermost(self, names: frozenset[str], *, beyond_lists: bool) -> int:
        """The index of an open element; -1 if there is none."""
        for index in range(len(self.stack) - 1, -1, -1):
            name = self.stack[index].name
            if name in names:
                return index
            if not beyond_lists and name in ("ol", "ul"):
                break
        return -1

    def _innermost_special(self) -> int:
        return next((index for index in range(len(self.stack) - 1, -1, -1) if self.stack[index].name in _SPECIAL), -1)

    # --- Implied ends ------------------------------------------------------------------------------------------------

    def _close(self, index: int) -> None:
        """Close an element and all within it; formatting that is closed this way is reopened."""
        if any(element.name in FORMATTING for element in self.stack[index:]):
            self.misnested += 1
        del self.stack[index:]

    def _misnest(self) -> None:
        self.misnested += 1
        self._renew()

    def _renew(self) -> None:
        """Active elements may have been closed and are then reopened, unless everything is well nested."""
        if self.misnested or not self.is_certain:
            self.renewed += self.weight


def _weight(tag: str) -> int:
    return 1 + len(tag) // _WEIGHT


def _weights(tags: Counter[str]) -> int:
    return sum(number * _weight(tag) for tag, number in tags.items())


def _lowered(name: str) -> str:
    return name.lower() if name.isascii() else name  # the Kelvin sign is no k
