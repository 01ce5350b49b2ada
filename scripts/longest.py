"""Print the ten longest modules and functions, to make growth visible. It never fails."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {"migrations", "tests", ".venv", ".tools", "var"}
HOW_MANY = 10


def main() -> None:
    """Two columns of line counts, longest first."""
    modules = [path.relative_to(ROOT) for path in sorted(ROOT.rglob("*.py"))]
    ours = [path for path in modules if not SKIPPED & set(path.parts)]
    show("Longest modules", [(len((ROOT / path).read_text().splitlines()), str(path)) for path in ours])
    show("Longest functions", [function for path in ours for function in functions(path)])


def functions(path: Path) -> Iterator[tuple[int, str]]:
    """Lines and name of every function in the module, nested ones too."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield node.end_lineno - node.lineno + 1, f"{path}:{node.lineno} {node.name}"


def show(title: str, lengths: list[tuple[int, str]]) -> None:
    """Print the longest few."""
    print(f"\n{title} (lines)")
    for lines, name in sorted(lengths, reverse=True)[:HOW_MANY]:
        print(f"{lines:6d}  {name}")


if __name__ == "__main__":
    main()
