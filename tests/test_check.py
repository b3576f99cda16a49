from __future__ import annotations

import json
import os
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from framing import Model, cli, style
from framing.documents import Document
from framing.views import check

DRAFT = "The mayor spoke.\nCritics say he may quit, é, officials said.\n“Critics say he may go,” a clerk said.\n"


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    return (int(ended.value.code or 0), *capsys.readouterr())


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "a:b,c.txt"
    path.write_text(DRAFT, encoding="utf-8")
    return path


def test_findings_have_lines_and_columns_from_1(model: Model) -> None:
    found = check.findings(model, Document("d", None, DRAFT), check.TYPES)
    lines = DRAFT.split("\n")
    assert {one.type for one in found} >= {"vague", "epistemic", "attribution"}
    for one in (one for one in found if one.type != "loaded"):
        assert one.line == one.end_line and lines[one.line - 1][one.column - 1 : one.end_column - 1] == one.text
    assert all(a.line < b.line or a.column <= b.column for a, b in pairwise(found))


def test_quoted_speech_is_left_out_unless_asked_for(model: Model) -> None:
    document = Document("d", None, DRAFT)
    model = model.with_style(style.parse('[deny]\nvague = ["critics say"]'))
    assert [one.line for one in check.findings(model, document, ["vague"])] == [2]
    assert [one.line for one in check.findings(model, document, ["vague"], quoted=True)] == [2, 3]


def test_the_command_tells_like_a_linter(capsys: pytest.CaptureFixture[str], draft: Path) -> None:
    code, out, err = call(capsys, "check", draft, "--types", "vague")
    assert (code, err) == (0, "")
    assert re.fullmatch(rf'{re.escape(str(draft))}:2:1 vague "Critics": nobody in particular: who, how many\?\n', out)


@pytest.mark.parametrize(("fail_on", "code"), [("vague", 1), ("epistemic", 1), ("investigation", 0)])
def test_fail_on_ends_with_1(capsys: pytest.CaptureFixture[str], draft: Path, fail_on: str, code: int) -> None:
    assert call(capsys, "check", draft, "--fail-on", fail_on)[0] == code


def test_github_lines_are_escaped(capsys: pytest.CaptureFixture[str], draft: Path) -> None:
    line = call(capsys, "check", draft, "--types", "vague", "--fail-on", "vague", "--format", "github")[1]
    assert line.startswith("::error file=") and "a%3Ab%2Cc.txt,line=2,endLine=2,col=1,endColumn=8,title=vague::" in line


def test_json_and_sarif_hold_the_same_findings(capsys: pytest.CaptureFixture[str], draft: Path) -> None:
    plain: list[dict[str, Any]] = json.loads(call(capsys, "check", draft, "--format", "json", "--types", "vague,attribution")[1])
    sarif = json.loads(call(capsys, "check", draft, "--format", "sarif", "--types", "vague,attribution")[1])
    run = sarif["runs"][0]
    assert sarif["version"] == "2.1.0" and {rule["id"] for rule in run["tool"]["driver"]["rules"]} == set(check.TYPES)
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in run["results"]]
    assert [(one["line"], one["column"], one["type"]) for one in plain] == [
        (region["startLine"], region["startColumn"], result["ruleId"]) for region, result in zip(regions, run["results"], strict=True)
    ]
    assert json.loads(call(capsys, "check", draft, "--format", "json", "--types", "investigation")[1]) == []


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_checked(capsys: pytest.CaptureFixture[str], draft: Path) -> None:
    code, out, err = call(capsys, "check", draft.parent / "none.txt", draft, "--types", "vague", "--fail-on", "vague")
    assert code == 2 and "Critics" in out and "none.txt: The file is not there" in err
    (draft.parent / "empty.txt").write_text("")
    assert call(capsys, "check", draft.parent / "empty.txt", draft, "--types", "vague", "--fail-on", "vague")[0] == 3


@pytest.mark.parametrize("wrong", [("--types", "vagueish"), ("--format", "xml"), ("--fail-on", "all")])
def test_wrong_options_are_told(capsys: pytest.CaptureFixture[str], draft: Path, wrong: tuple[str, str]) -> None:
    code, _, err = call(capsys, "check", draft, *wrong)
    assert code == 2 and wrong[1] in err


def test_markdown_places_are_those_of_the_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "d.md").write_text("---\ntitle: Mayor\n---\n# The mayor\n\n**Critics say** the mayor will quit soon, and [he](x) knows.\n")
    assert "d.md:6:3 vague" in call(capsys, "check", tmp_path / "d.md", "--types", "vague")[1]


def test_a_house_style_above_the_draft_is_followed(capsys: pytest.CaptureFixture[str], draft: Path) -> None:
    (draft.parent / "framing.toml").write_text('allow = ["critics say"]\n[deny]\nvague = ["officials"]')
    assert ':2:29 vague "officials"' in call(capsys, "check", draft, "--types", "vague")[1]
    out = call(capsys, "classify", draft, "--json")[1]
    assert "+style@" in json.loads(out)["model"]
    (draft.parent / "other.toml").write_text("alow = []")
    code, _, err = call(capsys, "check", draft, "--style", draft.parent / "other.toml")
    assert code == 2 and "Line 1: 'alow' has no meaning here" in err


def test_no_style_turns_it_off(capsys: pytest.CaptureFixture[str], draft: Path, tmp_path: Path) -> None:
    (draft.parent / "framing.toml").write_text('allow = ["critics say"]')
    assert "Critics" not in call(capsys, "check", draft, "--types", "vague")[1]
    assert "Critics" in call(capsys, "check", draft, "--types", "vague", "--no-style")[1]
    assert "+style@" not in json.loads(call(capsys, "classify", draft, "--json", "--no-style")[1])["model"]
    assert call(capsys, "score", draft, "--out", tmp_path / "s.jsonl", "--quiet", "--no-style")[0] == 0
    assert "+style@" not in json.loads((tmp_path / "s.jsonl").read_text())["model"]
    code, _, err = call(capsys, "explain", draft, "--no-style", "--style", draft.parent / "framing.toml")
    assert code == 2 and "Give one of them" in err


def test_score_and_explain_follow_it_too(capsys: pytest.CaptureFixture[str], draft: Path, tmp_path: Path) -> None:
    (draft.parent / "framing.toml").write_text('[deny]\nvague = ["officials"]')
    folder = draft.parent / "in"
    folder.mkdir()
    os.replace(draft, folder / "d.txt")  # noqa: PTH105
    assert call(capsys, "score", folder, "--out", tmp_path / "s.jsonl", "--quiet")[0] == 0
    assert "+style@" in json.loads((tmp_path / "s.jsonl").read_text())["model"]
    numbers = [n for n in range(1, 9) if "(vague, 1.00)" in call(capsys, "explain", folder / "d.txt", "--cue", n)[1]]
    assert len(numbers) == 1


def test_the_hook_names_a_command_that_stands() -> None:
    hook = (Path(__file__).parent.parent / ".pre-commit-hooks.yaml").read_text()
    assert "entry: framing check\n" in hook and "id: framing-check" in hook
