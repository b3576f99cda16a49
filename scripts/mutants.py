"""Mutation testing: breaks the code in one place at a time, and tells which breaks no test notices.

    python scripts/mutants.py [TARGET ...] [--list] [--every N] [--again]

Targets stand in pyproject.toml under `tool.mutants`: a file, the names in it (all if none) and the tests that must notice. `make
mutants` runs them all and fails under the floor. Mutants whose behaviour is the same are named there too, each with the reason.
Each runs in a copy of the tree, in a process forked from one that has read the libraries, and is ended after ten times the time
that its tests need. What stands in docs/measurements.md tells why no ready tool serves.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "mutants.json"
HYPOTHESIS = "_hypothesis_pytestplugin"
LIBRARIES = (
    HYPOTHESIS,
    "httpx",
    "hypothesis",
    "joblib",
    "numpy",
    "pandas",
    "pyarrow.csv",
    "pyarrow.parquet",
    "pytest",
    "rich.console",
    "rich.table",
)
COPIED, LINKED = ("framing", "tests", "scripts", "pyproject.toml"), ("trained", "datasets", "docs", "benchmarks", "native")

OTHERS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
}
"""What an operator is exchanged for."""

MESSAGES = (ast.Raise, ast.JoinedStr)
ESCAPES = frozenset(["escape", "safe", "printable", "one_line"])
"""Of what a message is made of, only these calls are taken away."""

MEMORY = 6 << 30
"""Most bytes that the tests of a mutant may have: one that drops a limit must not take the machine."""

Step: TypeAlias = "tuple[str, int | None]"


@dataclass(frozen=True, slots=True)
class Target:
    """A file to break, and who must notice.

    Attributes
    ----------
    name, file : str
    only : tuple of str
        Names at the top of the file; all if empty.
    tests : tuple of str
        Arguments of pytest, the quick and the likely ones first.
    engines : tuple of str
        A mutant is killed if the tests fail on one of them: pure, native.
    """

    name: str
    file: str
    only: tuple[str, ...]
    tests: tuple[str, ...]
    engines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of one place: where, what it says, and the whole file with it."""

    target: str
    line: int
    said: str
    source: str


# ---- what is changed -------------------------------------------------------------------------------------------------


def mutants(target: Target, source: str) -> Iterator[Mutant]:
    """Every mutant of a target, each once."""
    tree = ast.parse(source)
    written = [ast.unparse(statement) for statement in tree.body]
    told: Counter[str] = Counter()
    for top, statement in enumerate(tree.body):
        name, seen = _name(statement), {written[top]}
        if name and (not target.only or name in target.only):
            for path, old, new in changes(statement, [], said=False):
                made = _applied(statement, path, new)
                if made not in seen:
                    seen.add(made)
                    whole = "\n".join([*written[:top], made, *written[top + 1 :]])
                    said = f"{name}: {_said(old, new)}"
                    told[said] += 1
                    number = f" ({told[said]})" if told[said] > 1 else ""
                    yield Mutant(target.name, getattr(old, "lineno", statement.lineno), said + number, whole)


def _name(statement: ast.stmt) -> str:
    """The name that a statement at the top gives; none for imports, docstrings and names of types."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name) | ast.Tuple(elts=[ast.Name(id=name), *_])]):
            return name
    return ""


def _said(old: ast.AST, new: ast.AST) -> str:
    """A change in a line."""
    before, after = (" ".join(ast.unparse(node).split()) for node in (old, new))
    if isinstance(old, ast.Constant) and isinstance(old.value, str) and len(after) < len(before):
        return f"a pattern as {after}"
    return f"{before:.150} -> {after:.150}"


def _applied(statement: ast.stmt, path: Sequence[Step], new: ast.AST) -> str:
    """The statement with a node below it exchanged."""
    node: Any = statement
    for field, at in path[:-1]:
        node = getattr(node, field) if at is None else getattr(node, field)[at]
    field, at = path[-1]
    old = getattr(node, field)
    setattr(node, field, new if at is None else [*old[:at], new, *old[at + 1 :]])
    made = ast.unparse(ast.fix_missing_locations(statement))
    setattr(node, field, old)
    return made


def changes(node: ast.AST, path: Sequence[Step], said: bool) -> Iterator[tuple[Sequence[Step], ast.AST, ast.AST]]:
    """Place, node and what it is exchanged for, of a node and all below it; `said`: it is part of a message."""
    for new in (_unescaped(node) if said else alternatives(node)) if path else ():
        yield path, node, new
    said = said or isinstance(node, MESSAGES)
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_params", "format_spec"):
            continue
        below = enumerate(value) if isinstance(value, list) else [(None, value)]
        for at, child in below:
            if isinstance(child, ast.AST) and not _is_docstring(child):
                yield from changes(child, [*path, (field, at)], said)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _unescaped(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[only]) if name in ESCAPES:
            yield only


def alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """What a node may be exchanged for."""
    if isinstance(node, ast.stmt | ast.excepthandler):
        yield from _statements(node)
        return
    match node:
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for at, op in enumerate(ops):
                for other in OTHERS[type(op)]:
                    yield ast.Compare(left, [*ops[:at], other(), *ops[at + 1 :]], comparators)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(OTHERS[type(op)][0](), values)
            for at in range(len(values)):
                rest = [*values[:at], *values[at + 1 :]]
                yield ast.BoolOp(op, rest) if len(rest) > 1 else rest[0]
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield inner
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OTHERS:
            yield ast.BinOp(left, OTHERS[type(op)][0](), right)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.Constant(value=value):
            yield from map(ast.Constant, _values(value))
        case ast.Slice(lower=lower, upper=upper, step=step):
            yield from (ast.Slice(*ends, step) for ends in ((None, upper), (lower, None)))
        case ast.comprehension(target=target, iter=each, ifs=ifs, is_async=kind) if ifs:
            yield from (ast.comprehension(target, each, [*ifs[:at], *ifs[at + 1 :]], kind) for at in range(len(ifs)))
        case ast.Call():
            yield from _calls(node)


def _calls(call: ast.Call) -> Iterator[ast.AST]:
    """A call without its function, or without one keyword."""
    if len(call.args) == 1 and not call.keywords and not isinstance(call.args[0], ast.Starred):
        yield call.args[0]
    for at in range(len(call.keywords)):
        yield ast.Call(call.func, call.args, [*call.keywords[:at], *call.keywords[at + 1 :]])


def _values(value: Any) -> Iterator[Any]:
    """Other constants. Text with blanks is a message and stays; a pattern loses each of its characters in turn."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    elif isinstance(value, bytes):
        yield value + b"~"
    elif isinstance(value, str) and "[" in value and "]" in value:
        yield from filter(_is_pattern, (value[:at] + value[at + 1 :] for at in range(len(value))))
    elif isinstance(value, str) and " " not in value.strip() and value != "utf-8":  # Python reads "utf-8~" as the same
        yield value + "~"


def _is_pattern(text: str) -> bool:
    """Whether it compiles; RE2's way to write a character is put in Python's."""
    try:
        re.compile(re.sub(r"\\x\{([0-9a-f]+)\}", lambda code: f"\\U{int(code[1], 16):08x}", text))
    except re.error:
        return False
    return True


def _statements(node: ast.stmt | ast.excepthandler) -> Iterator[ast.AST]:
    """What stands for a statement: nothing, another way through it."""
    match node:
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.AugAssign() | ast.Delete():
            yield ast.Pass()
        case ast.Return(value=ast.expr()):
            yield ast.Return(None)
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
        case ast.If(test=test, body=body, orelse=orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.While(test=test, body=body, orelse=orelse):
            yield ast.While(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.ExceptHandler(type=kind, name=name):
            yield ast.ExceptHandler(kind, name, [ast.Raise()])
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=[_, *_]):
            yield ast.Try(body, handlers, orelse, []) if handlers else ast.If(ast.Constant(True), body, [])
        case ast.With(items=[ast.withitem(optional_vars=None)], body=body):
            yield ast.If(ast.Constant(True), body, [])


# ---- whether it is noticed -------------------------------------------------------------------------------------------


def targets(settings: dict[str, Any]) -> list[Target]:
    """The targets of pyproject.toml."""
    return [
        Target(one["name"], one["file"], tuple(one.get("only", ())), tuple(one["tests"]), tuple(one.get("engines", ("native",))))
        for one in settings["target"]
    ]


def copied(folder: Path) -> Path:
    """A copy of the tree to break."""
    for name in COPIED:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, folder / name)
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    return folder


def outcome(tree: Path, target: Target, seconds: float) -> str:
    """killed, timeout or survived; what stands in the copy is tested."""
    for engine in target.engines:
        code = _tested(tree, target.tests, engine, seconds)
        if code:
            return "timeout" if code < 0 else "killed"
    return "survived"


def _tested(tree: Path, tests: Sequence[str], engine: str, seconds: float) -> int:
    """pytest's exit code in a process forked from this one; negative if it had to be ended."""
    child = os.fork()
    if not child:
        _test(tree, tests, engine, seconds)
    until = time.monotonic() + 20 * seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.01)


def _test(tree: Path, tests: Sequence[str], engine: str, seconds: float) -> None:
    """The forked process: the tests on the copy, quietly, and its end."""
    code = 1
    try:
        os.setsid()
        os.chdir(tree)
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])  # archives are then scored by this process, where the mutant is
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        os.environ.update({"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
        os.environ |= {"FRAMING_PURE": "1"} if engine == "pure" else {}
        sys.path[:0] = [str(tree), str(tree / "tests")]
        import pytest

        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", HYPOTHESIS, "--hypothesis-seed=1", *tests]))
    finally:
        os._exit(code)


def run(target: Target, wanted: Iterable[Mutant]) -> Iterator[tuple[Mutant, str]]:
    """Each mutant with its outcome. Raises `SystemExit` if the tests fail on the code as it is."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = copied(Path(folder))
        began = time.monotonic()
        if outcome(tree, target, 600) != "survived":
            raise SystemExit(f"{target.name}: its tests fail before anything is changed. Run: python -m pytest {' '.join(target.tests)}")
        seconds = max(10.0, 10 * (time.monotonic() - began))
        for left in tree.glob("framing/**/*.pyc"):
            if left.name.startswith(f"{Path(target.file).stem}."):
                left.unlink()  # else a mutant of the same second and length would not be read
        sys.dont_write_bytecode = True
        for one in wanted:
            (tree / target.file).write_text(one.source, encoding="utf-8")
            yield one, outcome(tree, target, seconds)
        sys.dont_write_bytecode = False


def told(rows: Sequence[tuple[str, str, str]], equivalent: frozenset[str]) -> str:
    """The table: of each target its mutants, those killed, those that behave the same, and the share killed of all."""
    lines = [f"{'target':<12} mutants  killed  of them ended  survived  equivalent  killed of all"]
    for name in [*dict.fromkeys(target for target, _, _ in rows), "all"]:
        own = [(said, how) for target, said, how in rows if name in (target, "all")]
        left = [said for said, how in own if how == "survived"]
        same, ended = sum(said in equivalent for said in left), sum(how == "timeout" for _, how in own)
        killed = len(own) - len(left)
        counts = f"{name:<12} {len(own):>7}  {killed:>6}  {ended:>13}  {len(left) - same:>8}  {same:>10}"
        lines.append(f"{counts}  {killed / max(1, len(own)):>12.1%}")
    return "\n".join(lines)


def main() -> None:
    """Run the targets; exit 1 under the floor."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutants"]
    known = {target.name: target for target in targets(settings)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="TARGET", help=f"of {', '.join(known)}; all if none")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one mutant of each N, for a first look")
    parser.add_argument("--again", action="store_true", help=f"run only what {RESULTS.relative_to(ROOT)} does not say is killed")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in known]:
        parser.error(f"no target {unknown[0]!r}. Name some of {', '.join(known)}.")
    kept = {(target, said): how for target, said, how in (json.loads(RESULTS.read_text()) if asked.again else [])}
    equivalent = frozenset(settings.get("equivalent", ()))
    for library in LIBRARIES:
        __import__(library)
    rows: list[tuple[str, str, str]] = []
    for name in asked.names or known:
        for row in _target(known[name], kept, equivalent, asked):
            rows.append(row)
            _keep(kept | {(target, said): how for target, said, how in rows})
    if not asked.list:
        print(told(rows, equivalent))
        killed = sum(how != "survived" for _, _, how in rows)
        raise SystemExit(killed < settings["floor"] * len(rows))


def _keep(outcomes: dict[tuple[str, str], str]) -> None:
    """Writes what is known so far, so that `--again` goes on where a run was ended."""
    RESULTS.parent.mkdir(exist_ok=True)
    rows = [(*mutant, how) for mutant, how in outcomes.items()]
    RESULTS.write_text(json.dumps(rows, indent=0, ensure_ascii=False), encoding="utf-8")


def _target(
    target: Target, kept: dict[tuple[str, str], str], equivalent: frozenset[str], asked: argparse.Namespace
) -> Iterator[tuple[str, str, str]]:
    """Runs a target, gives each mutant with its outcome, and prints what survives."""
    made = list(mutants(target, (ROOT / target.file).read_text(encoding="utf-8")))[:: asked.every]
    if asked.list:
        for one in made:
            print(f"{one.target} {one.line}: {one.said}")
        return
    known = {said: how for (name, said), how in kept.items() if name == target.name and how != "survived"}
    yield from ((target.name, one.said, known[one.said]) for one in made if one.said in known)
    left = sorted((one for one in made if one.said not in known), key=lambda one: (target.name, one.said) in kept)  # new ones first
    for one, how in run(target, left):
        if how == "survived" and one.said not in equivalent:
            print(f"{target.file}:{one.line}: {one.said}", flush=True)
        yield one.target, one.said, how


if __name__ == "__main__":
    main()
