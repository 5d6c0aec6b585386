"""The rules of the architecture, read from the syntax tree and the text of every file of the project."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("keys", "search", "registry", "verify", "wsgi")


@dataclass(frozen=True)
class Imports:
    """What one part may import: our own parts beside itself, packages of others, and never these."""

    ours: frozenset[str]
    theirs: frozenset[str]
    never: frozenset[str] = frozenset()


NETWORK = frozenset({"asyncio", "ftplib", "http", "smtplib", "socket", "socketserver", "ssl", "urllib"})
WEB = frozenset({"flask", "flask_wtf", "jinja2", "markupsafe", "werkzeug", "wtforms"})

ALLOWED = {
    # Pure: no clock, network, database or web.
    "keys": Imports(
        ours=frozenset(),
        theirs=frozenset({"cbor2", "nacl"}),
        never=NETWORK | {"logging", "sqlite3", "subprocess", "threading", "time", "zoneinfo"},
    ),
    # The only part that knows a search engine.
    "search": Imports(
        ours=frozenset({"keys"}),
        theirs=frozenset(
            {"elastic_transport", "elasticsearch", "nlpo3", "pysqlite3", "pythainlp", "rapidfuzz"}
        ),
    ),
    # The only part that writes.
    "registry": Imports(
        ours=frozenset({"keys", "search"}),
        theirs=WEB
        | {
            "PIL",
            "alembic",
            "click",
            "jsonschema",
            "limits",
            "nacl",
            "psycopg",
            "python_calamine",
            "qrcode",
            "segno",
            "sqlalchemy",
            "xlsxwriter",
        }
        | {"zxingcpp"},
    ),
    # No SQLAlchemy and no private key.
    "verify": Imports(ours=frozenset({"keys", "search"}), theirs=WEB | {"click", "limits"}),
    # The composition root.
    "wsgi": Imports(
        ours=frozenset({"keys", "registry", "search", "verify"}), theirs=WEB | {"click", "gunicorn"}
    ),
}

# Words that say nothing about what a thing is.
EMPTY_WORDS = frozenset(
    {
        "base",
        "data",
        "do",
        "dto",
        "handler",
        "helper",
        "helpers",
        "info",
        "manager",
        "process",
        "util",
        "utils",
    }
)

# Names that somebody else's code calls.
NAMES_OF_OTHERS = {
    "process_bind_param": "SQLAlchemy's TypeDecorator",
    "process_result_value": "SQLAlchemy's TypeDecorator",
    "do_GET": "http.server",
    "do_POST": "http.server",
}

# Put together here, so that this file does not contain what it looks for.
HOSTS_OF_PACKAGES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("proxy", "golang", "org"),
        ("maven", "org"),
        ("crates", "io"),
        ("deb", "debian", "org"),
    )
)
PATHS_OF_MACHINES = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/")
NUMBERED_ISSUE = re.compile(
    r"\b(?:issue|pull request|PR|GH-)s?\s*#?\d+\b|(?:fixes|closes|see) #\d+", re.IGNORECASE
)

CODE_SUFFIXES = frozenset(
    {".cfg", ".conf", ".css", ".html", ".js", ".mjs", ".py", ".service", ".sh", ".toml"}
)
LONGEST_FILE = 400
LONGEST_FUNCTION = 40


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that belongs to the project: what git keeps or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [p for p in ROOT.rglob("*") if p.relative_to(ROOT).parts[0] not in {".venv", ".git", "data"}]
    return tuple(sorted(path for path in names if path.is_file()))


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@cache
def modules() -> tuple[Path, ...]:
    return tuple(p for p in project_files() if p.suffix == ".py" and part_of(p) in PARTS)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def where(path: Path, node: ast.AST | int) -> str:
    line = node if isinstance(node, int) else getattr(node, "lineno", 0)
    return f"{path.relative_to(ROOT)}:{line}"


def imported(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """The full name of every module that a file imports, under TYPE_CHECKING too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node


def test_each_part_imports_only_what_the_table_allows() -> None:
    faults = []
    for path in modules():
        part = part_of(path)
        allowed = ALLOWED[part]
        for name, node in imported(path):
            top = name.split(".")[0]
            standard = top in sys.stdlib_module_names or top == "__future__"
            if top == part or (standard and top not in allowed.never) or top in allowed.ours | allowed.theirs:
                continue
            faults.append(f"{where(path, node)}: {part} imports {name}")
    assert not faults, "\n".join(faults)


def test_the_writer_and_the_reader_never_meet() -> None:
    assert "verify" not in ALLOWED["registry"].ours
    assert "registry" not in ALLOWED["verify"].ours
    assert not {"sqlalchemy", "alembic", "nacl"} & ALLOWED["verify"].theirs


def test_flask_is_known_to_the_web_modules_and_the_commands_only() -> None:
    inner = [p for p in modules() if part_of(p) == "registry" and not {"web", "cli", "cli.py"} & set(p.parts)]
    faults = [
        f"{where(path, node)}: {name}"
        for path in inner
        for name, node in imported(path)
        if name.split(".")[0] in WEB
    ]
    assert not faults, "\n".join(faults)


def test_only_the_composition_root_imports_by_name() -> None:
    by_name = {"__import__", "import_module", "importlib.import_module"}
    faults = [
        where(path, node)
        for path in modules()
        if part_of(path) != "wsgi"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in by_name
    ]
    assert not faults, "\n".join(faults)


def test_no_module_of_keys_asks_what_time_it_is() -> None:
    clocks = re.compile(r"\b(?:datetime|date)\.(?:now|today|utcnow)$")
    faults = [
        where(path, node)
        for path in modules()
        if part_of(path) == "keys"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and clocks.search(ast.unparse(node.func))
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("part", ["keys", "search", "verify"])
def test_the_database_library_is_not_even_loaded_on_the_public_side(part: str) -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in modules()
        if part_of(path) == part
    ]
    program = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules} & {'sqlalchemy', 'alembic', 'registry'}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.strip() == ""


def defined(path: Path) -> Iterator[tuple[str, ast.AST | int]]:
    """Every name that a file gives: its own, its functions' and its classes'."""
    yield path.stem, 1
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node


def words(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, in lower case; a base URL is RFC 3986's term."""
    name = name.replace("base_url", "url")
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])\d*|[A-Za-z][a-z]*\d*", name)}


def test_no_name_contains_a_word_that_says_nothing() -> None:
    faults = [
        f"{where(path, node)}: {name}"
        for path in modules()
        for name, node in defined(path)
        if words(name) & EMPTY_WORDS and name not in NAMES_OF_OTHERS
    ]
    assert not faults, "\n".join(faults)


def test_license_is_spelled_one_way() -> None:
    wrong = "licenc"
    faults = [str(path.relative_to(ROOT)) for path in project_files() if wrong in path.name.lower()]
    faults += [
        f"{where(path, token.start[0])}: {token.string}"
        for path in project_files()
        if path.suffix == ".py"
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
        if token.type == tokenize.NAME and wrong in token.string.lower()
    ]
    assert not faults, "\n".join(faults)


def texts() -> Iterator[tuple[Path, str]]:
    """The project's files that are text, and what they say; not what others wrote and we only keep."""
    for path in project_files():
        if "vendor" in path.parts:
            continue
        try:
            yield path, path.read_text()
        except UnicodeDecodeError:
            continue


def test_a_file_longer_than_400_lines_says_why() -> None:
    faults = []
    for path, text in texts():
        is_code = path.suffix in CODE_SUFFIXES or path.parent.name in {"bin", ".ci"}
        lines = text.splitlines()
        if is_code and len(lines) > LONGEST_FILE and "Over 400 lines because" not in "\n".join(lines[:30]):
            faults.append(f"{path.relative_to(ROOT)}: {len(lines)} lines")
    assert not faults, "\n".join(faults)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, its docstring not counted."""
    first = function.body[0]
    lines = (function.end_lineno or 0) - function.lineno + 1
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def test_a_function_longer_than_40_lines_says_why() -> None:
    faults = []
    for path in modules():
        if "versions" in path.parts:  # A migration is a list of tables from top to bottom.
            continue
        lines = path.read_text().splitlines()
        for node in ast.walk(tree(path)):
            if (
                not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                or length(node) <= LONGEST_FUNCTION
            ):
                continue
            if "Over 40 lines because" not in "\n".join(lines[max(node.lineno - 4, 0) : node.end_lineno]):
                faults.append(f"{where(path, node)}: {node.name} has {length(node)} lines")
    assert not faults, "\n".join(faults)


def mentions(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{where(path, number)}: {line.strip()[:80]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_the_host_of_a_package_registry() -> None:
    faults = mentions(re.compile("|".join(map(re.escape, HOSTS_OF_PACKAGES))))
    assert not faults, "\n".join(faults)


def test_no_file_names_a_path_of_somebody_s_machine() -> None:
    faults = mentions(PATHS_OF_MACHINES)
    assert not faults, "\n".join(faults)


def test_no_file_names_an_issue_by_its_number() -> None:
    faults = mentions(NUMBERED_ISSUE)
    assert not faults, "\n".join(faults)
