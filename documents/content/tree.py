"""Check a document's component tree against one version of a design and convert it to its stored form.

The checks are the structure rules (spec 4.5), all of them in one walk that does not stop at the first problem. The walk
is a loop, not a recursion: the nesting of components is limited by us, not by the interpreter.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from documents.content.budgets import Budget, TooMuch
from documents.content.compiled_design import CompiledComponent, CompiledDesign
from documents.content.component_options import OPTIONS, check_options
from documents.content.findings import Findings, Removal
from documents.content.limits import LIMITS
from documents.content.limits import ContentLimits as ContentLimits
from documents.content.media_values import MediaLookup
from documents.content.sanitizer import text_length
from documents.content.value_rules import an_id
from livingdocs_import.validation.limits import beginning
from livingdocs_import.validation.messages import UNKNOWN, expected, missing
from livingdocs_import.validation.problems import Problem, Step

_USUAL = frozenset({"component", "identifier", "id", "content", "containers"})
_KEYS = _USUAL | frozenset(OPTIONS)
_LOOKS = 16  # components between two checks of the clock
_NO_ENTRIES: MediaLookup = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CheckedContent:
    """Content as it is stored, if there are no `problems`; `removals` lists the markup that the sanitiser removed."""

    content: list[dict[str, Any]]
    problems: tuple[Problem, ...]
    removals: tuple[Removal, ...]


def check(
    content: Any,
    design: CompiledDesign,
    *,
    allowed_components: frozenset[str] | None,
    completeness: bool,
    make_id: Callable[[], str],
    entries: MediaLookup = _NO_ENTRIES,
    limits: ContentLimits = LIMITS,
    budget: Budget | None = None,
) -> CheckedContent:
    """All problems of `content`, and the content as it is stored.

    `allowed_components` are those of the content type, None for all of the design. With `completeness`, as on publish,
    texts must keep the lengths their directives require (VAL-08). `make_id` generates missing ids of components
    (DOC-14). `entries` has the media entries of `walk.media_ids_to_complete`, as far as they exist. `budget` limits
    the cost; the walk ends with a problem when its counts are exceeded. Raises OutOfTime.

    Stored content passes again, unchanged, under the same design.
    """
    budget = Budget(limits) if budget is None else budget
    return _Check(design, allowed_components, completeness, make_id, entries, limits, budget).run(content)


@dataclass(slots=True)
class _Level:
    """A list of components during the walk."""

    place: list[Step]  # the place of its current component
    components: Iterator[tuple[int, Any]]
    checked: list[dict[str, Any]]
    depth: int = 1
    parent: CompiledComponent | None = None  # None: the document itself, or an unknown component
    container: str = ""
    allowed: frozenset[str] | None = None


class _Check:
    """One walk over one document."""

    def __init__(
        self,
        design: CompiledDesign,
        allowed_components: frozenset[str] | None,
        completeness: bool,
        make_id: Callable[[], str],
        entries: MediaLookup,
        limits: ContentLimits,
        budget: Budget,
    ) -> None:
        self.design = design
        self.allowed_components = allowed_components
        self.completeness = completeness
        self.make_id = make_id
        self.entries = entries
        self.limits = limits
        self.budget = budget
        self.findings = Findings(budget, limit=limits.problems)
        self.ids: set[str] = set()
        self.count = 0

    def run(self, content: Any) -> CheckedContent:
        checked: list[dict[str, Any]] = []
        self.findings.place = ["content"]
        if isinstance(content, list):
            try:
                self._walk(_Level(["content", 0], iter(enumerate(content)), checked))
            except TooMuch as error:
                self.findings.place = ["content"]
                self.findings.add(str(error))
        else:
            self.findings.add(expected("array"))
        return CheckedContent(checked, self.findings.problems, self.findings.removals)

    def _walk(self, root: _Level) -> None:
        findings = self.findings
        pending = [root]
        while pending:
            level = pending[-1]
            for index, component in level.components:
                if self.count >= self.limits.components:
                    raise TooMuch(f"must NOT have more than {self.limits.components} components")
                self.count += 1
                if not self.count % _LOOKS:
                    self.budget.look()
                level.place[-1] = index
                findings.place = level.place
                if not isinstance(component, dict):
                    findings.add(expected("object"))
                    continue
                compiled = self._resolve(component)
                checked = self._component(component, compiled, level)
                level.checked.append(checked)
                containers = component.get("containers")
                if containers is not None and (inner := self._containers(containers, compiled, checked, level)):
                    pending += reversed(inner)
                    break
            else:
                pending.pop()

    # --- One component -----------------------------------------------------------------------------------------------

    def _resolve(self, component: dict[str, Any]) -> CompiledComponent | None:
        """The component of the design: by `component`, `identifier`, or both (DOC-05 to DOC-08)."""
        found = self.design.component_of(component)
        name, identifier = component.get("component"), component.get("identifier")
        if found is not None and (name is None or identifier is None):
            return found
        if name is None and identifier is None:
            self.findings.add(missing("component"), "component")
        if name is not None:
            self._known("component", name, self.design.components)
        if identifier is not None:
            named = self._known("identifier", identifier, self.design.identifiers)
            if found is not None and named is not None and named is not found:
                self.findings.add(f'is not the component "{found.name}"', "identifier")
        return found

    def _known(self, key: str, name: Any, known: Mapping[str, CompiledComponent]) -> CompiledComponent | None:
        if not isinstance(name, str):
            self.findings.add(expected("string"), key)
        elif name in known:
            return known[name]
        else:
            shown = f"{self.design.name}@{self.design.version}"
            hint = self.design.nearest.hint(name)
            self.findings.add(f'Unknown component "{beginning(name)}" in design {shown}{hint}', key)
        return None

    def _component(
        self, component: dict[str, Any], compiled: CompiledComponent | None, level: _Level
    ) -> dict[str, Any]:
        """The component as it is stored, without its children (PUB-06)."""
        identity = self._id(component.get("id"))
        checked: dict[str, Any] = {"id": identity}
        if compiled is not None:
            self._place(compiled, level)
            checked["component"] = compiled.name
            checked["identifier"] = compiled.identifier
            checked["content"] = self._content(component.get("content"), compiled)
        if not component.keys() <= _USUAL:
            for key in component:
                if key not in _KEYS:
                    self.findings.add(UNKNOWN, key)
            if compiled is not None:
                checked |= check_options(component, compiled.properties, self.findings)
        return checked

    def _id(self, found: Any) -> str:
        """The component's id, or a new one (DOC-14, DOC-15); two components cannot have the same."""
        if found is None:
            found = self.make_id()
            while found in self.ids:
                found = self.make_id()
        elif message := an_id(found):
            self.findings.add(message, "id")
            return ""
        elif found in self.ids:
            self.findings.add(f'"{beginning(found)}" is the id of an earlier component', "id")
        self.ids.add(found)
        return str(found)

    def _place(self, compiled: CompiledComponent, level: _Level) -> None:
        """Whether this component is allowed here (DOC-09, DOC-13). Not checked within an unknown component."""
        name = compiled.name
        if self.allowed_components is not None and name not in self.allowed_components:
            self.findings.add(f'The content type does not allow the component "{name}"')
        if level.parent is None and level.depth > 1:
            return
        if level.allowed is not None and name not in level.allowed and level.parent is not None:
            self.findings.add(f'"{level.container}" of "{level.parent.name}" does not allow "{name}"')
        parents = compiled.allowed_parents
        if parents is not None and (level.parent is None or level.parent.name not in parents):
            self.findings.add(f'"{name}" must be within {" or ".join(sorted(parents))}')

    def _content(self, content: Any, compiled: CompiledComponent) -> dict[str, Any]:
        """The directives' values (DOC-10, DOC-11). Null equals absent."""
        checked: dict[str, Any] = {}
        findings = self.findings
        if isinstance(content, dict):
            self.budget.spend_texts(len(content))
            checks, entries = compiled.checks, self.entries
            for name, value in content.items():
                check_value = checks.get(name)
                if check_value is None:
                    kind = "a container" if name in compiled.containers else "no directive"
                    findings.add(f'is {kind} of the component "{compiled.name}"', "content", name)
                elif value is not None:
                    problems = findings.count
                    stored = check_value(value, findings, entries)
                    checked[name] = stored if findings.count == problems else None
        elif content is not None:
            findings.add(expected("object"), "content")
        if self.completeness:
            self._lengths(checked, compiled)
        return checked

    def _lengths(self, content: dict[str, Any], compiled: CompiledComponent) -> None:
        for name, least, most, plain_text in compiled.lengths:
            text = content.get(name, "")
            if text is None:  # it has another problem
                continue
            length = text_length(text, plain_text=plain_text)
            if length < least:
                self.findings.add(f"must NOT have fewer than {least} characters", "content", name)
            elif most is not None and length > most:
                self.findings.add(f"must NOT have more than {most} characters", "content", name)

    # --- Children ----------------------------------------------------------------------------------------------------

    def _containers(
        self, containers: Any, compiled: CompiledComponent | None, checked: dict[str, Any], level: _Level
    ) -> list[_Level]:
        """The lists within a component, walked next; also within an unknown one, for their problems (DOC-12)."""
        if not isinstance(containers, dict):
            self.findings.add(expected("object"), "containers")
            return []
        inner = []
        stored: dict[str, list[dict[str, Any]]] = {}
        for name, children in containers.items():
            path = ("containers", beginning(name))
            if compiled is not None and name not in compiled.containers:
                self.findings.add(f'is no container of the component "{compiled.name}"', *path)
            elif children is not None and not isinstance(children, list):
                self.findings.add(expected("array"), *path)
            elif children and level.depth >= self.limits.depth:
                self.findings.add(f"is nested deeper than {self.limits.depth} components", *path)
            elif children is not None:
                stored[name] = []
                inner.append(
                    _Level(
                        place=[*level.place, *path, 0],
                        components=iter(enumerate(children)),
                        checked=stored[name],
                        depth=level.depth + 1,
                        parent=compiled,
                        container=name,
                        allowed=None if compiled is None else compiled.containers[name],
                    )
                )
        if stored:
            checked["containers"] = stored
        return inner
