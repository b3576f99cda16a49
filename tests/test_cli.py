from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest
import typer.main

from framing import Model, cli
from framing.errors import ModelNotFound
from framing.types import Analysis, Contribution, Cue, Explanation, Hedging, Prediction, Sentence

ARTICLE = "The mayor may resign on Friday, her office said, and nobody in the town seemed to be surprised by it at all."


class FakeModel:
    """A model that marks every "may"; its table says which texts it was given."""

    trained: ClassVar[dict[str, Any]] = {}
    name, id, heads, card = "fake", "fake@12345678", ("tone", "hedged"), "# Card of fake\nLearned nothing.\x1b[2J"
    saved: Path | None = None

    def classify(self, text: str, title: str | None = None, target: str | None = None) -> Analysis:
        start = text.find(" may ") + 1
        cues = (Cue("may", start, start + 3, "epistemic", 0.93, "author", 0),) if start else ()
        hedging = Hedging("hedged", 1.0, 64.0, {"hedged": 1.0}, {"epistemic": {"author": len(cues), "quoted": 0}})
        tone = Prediction("measured", 0.8, {"measured": 0.8, "loaded": 0.2}, -1.386)
        sentences = (Sentence(text, 0, len(text), "author"),)
        labels = {"seen": Prediction(f"title={title} target={target}", 1.0, {"a": 1.0}, 0.0)}
        return Analysis(tone, None, hedging, None, labels, sentences, cues, "en", self.id, text, _explain=self._explain)

    def _explain(self, head: str, of: Sentence | Cue | None) -> Explanation:
        return Explanation(f"{head} of {type(of).__name__}", "measured", (Contribution("said", -1.0, 1.0),), -0.386, -1.386)

    def save(self, folder: Path) -> None:
        FakeModel.saved = folder

    def to_sklearn(self, head: str) -> Any:
        return {"head": head}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_load", lambda name: FakeModel())
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(fake: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process: exit code, standard output, standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        code = ended.value.code
        return (code if isinstance(code, int) else 0, *capsys.readouterr())

    return call


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.txt"
    path.write_text(ARTICLE)
    return path


def commands() -> list[tuple[str, ...]]:
    """Every command with the words that call it."""
    root: Any = typer.main.get_command(cli.app)
    nested = [
        (name, *inner) for name, found in root.commands.items() for inner in ((), *((sub,) for sub in getattr(found, "commands", {})))
    ]
    return [(), *nested]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(run: Run, words: tuple[str, ...]) -> None:
    code, out, _ = run(*words, "--help")
    assert code == 0
    assert "Example" in out and "framing " + " ".join(words) in " ".join(out.split())


def test_classify_marks_and_answers(run: Run, article: Path) -> None:
    code, out, err = run("classify", article, "--no-color")
    assert code == 0 and err == ""
    assert out.startswith("The mayor [may]{epistemic} resign on Friday")
    for expected in (
        "measured (probability 0.80)",
        "words toward measured: said 1.00",
        "hedges more than 64%",
        "hedged 100%",
        "possible, not certain",
    ):
        assert expected in out
    assert max(map(len, out.splitlines())) <= 80


def test_classify_in_colour(run: Run, article: Path) -> None:
    assert "\x1b[4;33mmay\x1b[0m" in run("classify", article, "--color")[1]
    assert "\x1b" not in run("classify", article)[1]  # no terminal here


def test_classify_as_json_is_the_analysis(run: Run, article: Path) -> None:
    _, out, _ = run("classify", article, "--json", "--title", "T", "--target", "mayor")
    made = Analysis.from_dict(json.loads(out))
    assert [ARTICLE[cue.start : cue.end] for cue in made.cues] == ["may"]
    assert made.labels["seen"].label == "title=T target=mayor"


def test_explain(run: Run, article: Path) -> None:
    assert "tone of NoneType: measured" in run("explain", article)[1]
    assert "-1.386" in run("explain", article)[1]
    assert "hedged of Sentence" in run("explain", article, "--sentence", 1)[1]
    _, out, _ = run("explain", article, "--cue", 1)
    assert "epistemic of Cue" in out and "cue 1: may (epistemic, 0.93)" in out
    assert json.loads(run("explain", article, "--json")[1])["contributions"][0]["feature"] == "said"
    code, _, err = run("explain", article, "--cue", 2)
    assert code == 2 and "has 1 cues, got --cue 2" in err
    assert run("explain", article, "--cue", 1, "--sentence", 1)[0] == 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    (made / "good.txt").write_text(ARTICLE)
    (made / "bad\x1b[31m\n.txt").write_bytes(b"%PDF-1.7 \x00\x01")
    return made


@pytest.fixture
def real(run: Run, model: Model, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command with the default model: an archive's columns are those of a model's heads."""
    monkeypatch.setattr(cli, "_load", lambda name: model)
    return run


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_score_writes_a_row_for_each_input(real: Run, folder: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"scores.{ending}"
    code, printed, err = real("score", folder, "--out", out)
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet}.get(ending, lambda path: pd.read_json(path, lines=True))(out)
    assert (code, printed) == (3, "")
    assert sorted(read["status"]) == ["error", "ok"] and read["reason"].tolist()[0] == "binary"
    assert "2 inputs: 1 ok, 0 abstained, 1 failed (1 binary)" in err
    assert "\x1b" not in err and "bad\\x1b[31m" in err


def test_score_shows_rows_and_is_quiet(real: Run, folder: Path, tmp_path: Path) -> None:
    code, out, err = real("score", folder, "--out", tmp_path / "s.csv", "--show", 5, "--quiet")
    assert (code, err) == (3, "")
    assert "measured 0." in out and "error: binary" in out and "\x1b" not in out


def test_score_exit_codes(real: Run, folder: Path, tmp_path: Path) -> None:
    assert real("score", folder / "good.txt", "--out", tmp_path / "s.csv")[0] == 0
    (folder / "good.txt").unlink()
    assert real("score", folder, "--out", tmp_path / "t.csv")[0] == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("classify", "none.txt"), "none.txt: The file is not there"),
        (("classify", "table.csv"), "framing score table.csv"),
        (("score", "none", "--out", "s.csv"), "not there"),
        (("score", "in", "--out", "s.xlsx"), ".csv, .jsonl or .parquet"),
        (("score", "in", "--out", "in/s.csv"), "outside"),
        (("score", "in", "--out", "nowhere/s.csv"), "cannot be written"),
        (("evaluate",), "--cv"),
        (("evaluate", "news-en", "none.csv"), "not there"),
        (("train", "none.csv", "--out", "m"), "not there"),
        (("train", "none.csv", "--out", "in/good.txt"), "cannot be written"),
        (("score", "in"), "--out"),
        (("nonsense",), "nonsense"),
    ],
)
def test_wrong_usage_is_one_message_and_exit_2(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(folder.parent)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err and "Traceback" not in err
    assert sorted(path.name for path in folder.parent.iterdir()) == ["in"]


def test_a_missing_model_is_told(run: Run, article: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> FakeModel:
        raise ModelNotFound(f"No model named {name!r}.\x1b[2J")

    monkeypatch.setattr(cli, "_load", missing)
    assert run("classify", article, "--model", "news-fr") == (2, "", "framing: No model named 'news-fr'.\\x1b[2J\n")


def test_models(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("models", "show", "fake")
    assert "fake@12345678" in out and "# Card of fake" in out and "\x1b" not in out
    code, out, _ = run("models", "export", "fake", "--sklearn", tmp_path / "m.joblib", "--head", "tone")
    import joblib

    assert code == 0 and joblib.load(tmp_path / "m.joblib") == {"head": "tone"}


def test_models_list(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    persist = pytest.importorskip("framing.persist")
    monkeypatch.setattr(persist, "installed", lambda: {"news-en": Path("/somewhere/news-en")})
    assert run("models")[1] == run("models", "list")[1] == "news-en             /somewhere/news-en\n"
    monkeypatch.setattr(persist, "installed", dict)
    assert "No model is installed" in run("models")[1]


# ---- the real model -------------------------------------------------------------------------------------------------


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """The command without the fake."""
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    return (int(ended.value.code or 0), *capsys.readouterr())


def test_the_shipped_model_reads_an_article(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, err = call(capsys, "classify", article, "--no-color")
    assert "[may]{epistemic}" in out and "[said]{attribution}" in out and err == ""
    _, out, _ = call(capsys, "classify", article, "--json")
    assert [cue["text"] for cue in json.loads(out)["cues"]][:1] == ["may"]


def test_the_shipped_model_explains(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capsys, "explain", article, "--json")
    made = json.loads(out)
    total = made["intercept"] + sum(part["weight"] * part["value"] for part in made["contributions"])
    assert total == pytest.approx(made["score"], abs=1e-9)
    assert call(capsys, "explain", article, "--cue", 1)[0] == 0


def test_an_own_head_is_trained_measured_and_used(tmp_path: Path, article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, out = tmp_path / "labelled.csv", tmp_path / "mine"
    rows = [("The dog barked and ran.", "animal"), ("The bank raised its rates.", "money")] * 12
    pd.DataFrame([(f"{text} Day {n}.", label, n // 2) for n, (text, label) in enumerate(rows)], columns=["body", "topic", "day"]).to_csv(
        table
    )
    columns = ("--text", "body", "--label", "topic", "--group", "day")
    code, said, _ = call(capsys, "train", table, "--out", out, *columns)
    assert code == 0 and "topic" in said and (out / "model.safetensors").exists()
    code, said, _ = call(capsys, "evaluate", out, table, *columns, "--head", "topic", "--json")
    assert code == 0 and json.loads(said)["n"] == 24
    code, said, _ = call(capsys, "evaluate", "--cv", table, *columns, "--folds", 3)
    assert code == 0 and "macro_f1" in said
    assert "Topic" in call(capsys, "classify", article, "--model", out)[1]


@pytest.mark.parametrize("script", ["train", "evaluate", "apply"])
def test_scripts_are_the_command(script: str) -> None:
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, str(root / "scripts" / f"{script}.py"), "--help"],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(root)},
        timeout=60,
    )
    assert done.returncode == 0 and b"Example" in done.stdout


def test_apply_prints_a_table_and_writes_one(folder: Path, tmp_path: Path) -> None:
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, str(root / "scripts" / "apply.py"), str(folder), "--out", str(tmp_path / "s.csv")],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(root)},
        timeout=120,
    )
    assert done.returncode == 3 and b"good.txt" in done.stdout and b"1 failed (1 binary)" in done.stderr
    assert len(pd.read_csv(tmp_path / "s.csv")) == 2


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupt_ends_with_130_and_can_go_on(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text((json.dumps({"text": ARTICLE * 20}) + "\n") * 20_000)
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from framing.archive import pool, score\nprint('ready', flush=True)\nfrom framing.cli import main\nmain()"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", program, "score", str(rows), "--out", str(tmp_path / "s.csv")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert running.stdout is not None and running.stdout.readline() == b"ready\n"
    time.sleep(2)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=10)
    assert running.returncode == 130 and b"Traceback" not in errors
    assert b"goes on where" in errors and not (tmp_path / "s.csv").exists()


# ---- a real process ---------------------------------------------------------------------------------------------------

PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
import test_cli
from framing import cli
cli._load = lambda name: test_cli.FakeModel()
cli.main()
"""


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The command with the fake model in a process of its own."""
    tests = Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": str(tests.parent)} | options.pop("env", {})
    program = [sys.executable, "-c", PROGRAM.format(tests=str(tests)), *arguments]
    return subprocess.run(program, capture_output=True, env=environment, timeout=120, **options)


GONE = "The file is not there"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        *((f"{command} none.txt", f"none.txt: {GONE}") for command in ("classify", "explain", "check")),
        *((f"score {name} --out s.csv", f"{name}: {GONE}") for name in ("none", "none.csv", "none.parquet")),
        ("score sqlite:none.db?articles --out s.csv", "none.db: there is no such database"),
        *((f"train {name} --out m", f"{name}: {GONE}") for name in ("none", "none.csv")),
        *((f"evaluate {words} none.csv", f"none.csv: {GONE}") for words in ("fake", "--cv")),
        *((f"summary {name} --by outlet", f"{name}: {GONE}") for name in ("none", "none.csv")),
    ],
)
def test_bad_input_84_no_such_path(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, said: str) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments.split())
    assert (code, out) == (2, "") and err.startswith(f"framing: {said}") and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_bad_input_86_an_ascii_locale(tmp_path: Path) -> None:
    (tmp_path / "é.txt").write_text("“It may rain — naïvely,” they said.", encoding="utf-8")
    done = process("classify", "é.txt", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"})
    assert done.returncode == 0, done.stderr
    assert b"[may]{epistemic} rain" in done.stdout and done.stdout.isascii()


def test_bad_input_86_json_loses_no_sign_in_an_ascii_locale(tmp_path: Path) -> None:
    text = "“It may rain — naïvely,” they said. 😀"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    done = process("classify", "a.txt", "--json", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"})
    assert done.stdout.isascii() and json.loads(done.stdout)["sentences"][0]["text"] == text


def test_bad_input_87_a_file_named_like_an_option(tmp_path: Path) -> None:
    (tmp_path / "-x").write_text(ARTICLE)
    assert b"[may]{epistemic}" in process("classify", "--", "-x", cwd=tmp_path).stdout


def test_a_file_name_that_is_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    done = process("classify", name, cwd=tmp_path)
    assert done.returncode == 2 and b"caf\\xe9.txt: The file is not there" in done.stderr


def test_standard_input() -> None:
    assert b"[may]{epistemic}" in process("classify", "-", input=ARTICLE.encode()).stdout
    empty = process("classify", "-", input=b"")
    assert empty.returncode == 2 and empty.stderr.startswith(b"framing: -: There is no text")


@pytest.mark.parametrize("repeat", [1, 2000])
@pytest.mark.parametrize("words", [["classify", "a.txt"], ["classify", "a.txt", "--json"], ["models", "show"]], ids=" ".join)
def test_bad_input_85_a_closed_pipe_is_quiet(tmp_path: Path, words: list[str], repeat: int) -> None:
    read, write = os.pipe()
    os.close(read)
    tests = Path(__file__).parent
    (tmp_path / "a.txt").write_text(f"{ARTICLE}\n\n" * repeat)
    program = [sys.executable, "-c", PROGRAM.format(tests=str(tests)), *words]
    environment = os.environ | {"PYTHONPATH": str(tests.parent)}
    done = subprocess.run(program, stdout=write, stderr=subprocess.PIPE, cwd=tmp_path, env=environment, timeout=120)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


def test_help_loads_nothing_heavy() -> None:
    check = (
        "import sys, framing.cli; print([m for m in ('numpy', 'pandas', 'sklearn', 'scipy', 'trafilatura', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, cwd=Path(__file__).parent.parent, timeout=60)
    assert done.stdout.strip() == b"[]", done.stderr


def test_score_tells_machines_in_json_and_what_stood_already(real: Run, folder: Path, tmp_path: Path) -> None:
    code, out, err = real("score", folder, "--out", tmp_path / "s.csv", "--columns", "tone", "--json")
    told = json.loads(out)
    assert (code, err) == (3, "") and (told["rows"], told["counts"]["error"], told["exit_code"]) == (2, 1, 3)
    assert "2 of them stood already" in real("score", folder, "--out", tmp_path / "s.csv", "--columns", "tone")[2]
    code, _, err = real("score", folder, "--out", tmp_path / "s.csv")
    assert code == 2 and "was begun otherwise" in err
