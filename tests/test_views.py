from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

import framing
from framing.types import (
    CUE_TYPES,
    Analysis,
    Contribution,
    Cue,
    Explanation,
    Frames,
    Hedging,
    Prediction,
    Sentence,
)
from framing.views import html, parts, terminal

TEXT = "The mayor may resign. “It might rain,” she said. <b>Nobody</b> knew."


def cue(words: str, kind: str, voice: str = "author", sentence: int = 0, text: str = TEXT) -> Cue:
    start = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text).start()  # type: ignore[union-attr]
    return Cue(words, start, start + len(words), kind, 0.9, voice, sentence)  # type: ignore[arg-type]


def sentences(text: str = TEXT) -> tuple[Sentence, ...]:
    spans = [match.span() for match in re.finditer(r"[^ ].*?\.(?= |$)", text)]
    return tuple(Sentence(text[a:b], a, b, "author") for a, b in spans)


def explain(head: str, of: object) -> Explanation:
    made = (Contribution("shameful\x1b[31m", 2.0, 0.5), Contribution("said", -1.0, 0.25))
    return Explanation(head, "loaded", made, 0.1, 0.85)


def analysis(text: str = TEXT, cues: tuple[Cue, ...] | None = None, **changed: object) -> Analysis:
    counts = {"epistemic": {"author": 1, "quoted": 1}, "attribution": {"author": 1, "quoted": 0}}
    found = (cue("may", "epistemic"), cue("might", "epistemic", "quoted", 1), cue("said", "attribution", "author", 1))
    made = {
        "tone": Prediction("loaded", 0.7, {"measured": 0.3, "loaded": 0.7}, 0.85),
        "valence": None,
        "hedging": Hedging("hedged", 2 / 3, 81.0, {"hedged": 2 / 3, "vague": 0.0, "attributed": 1 / 3}, counts),
        "frames": Frames(("economic", "legality_crime"), {"economic": 0.8, "legality_crime": 0.6, "health": 0.1}),
        "labels": {},
        "sentences": sentences(text),
        "cues": found if cues is None else cues,
        "language": "en",
        "model": "fake@00000000",
        "_text": text,
        "_explain": explain,
    }
    return Analysis(**(made | changed))  # type: ignore[arg-type]


def shown(renderable: RenderableType, color: bool = False, width: int = 80) -> str:
    stream = io.StringIO()
    how = {"force_terminal": True, "color_system": "standard", "no_color": False} if color else {"no_color": True}
    Console(file=stream, width=width, highlight=False, **how).print(renderable)  # type: ignore[arg-type]
    return stream.getvalue()


def test_pieces_join_to_the_text_and_carry_their_cues() -> None:
    found = list(parts.pieces(analysis(), TEXT))
    assert "".join(piece.text for piece in found) == TEXT
    assert [(p.text, p.cue.type, p.quoted) for p in found if p.cue] == [
        ("may", "epistemic", False),
        ("might", "epistemic", True),
        ("said", "attribution", False),
    ]
    assert "".join(piece.text for piece in found if piece.quoted).strip("“”") == "It might rain,"


def test_a_cue_that_crosses_a_quotation_mark_stays_one_mark_at_least() -> None:
    crossing = cue("resign. “It", "vague")
    found = list(parts.pieces(analysis(cues=(crossing,)), TEXT))
    assert "".join(piece.text for piece in found if piece.cue) == "resign. “It"


def test_of_cues_that_overlap_the_first_is_shown() -> None:
    found = list(parts.pieces(analysis(cues=(cue("resign. “It", "vague"), cue("mayor may resign", "doxastic"))), TEXT))
    assert "".join(piece.text for piece in found) == TEXT
    assert {piece.cue.text for piece in found if piece.cue} == {"mayor may resign"}


def test_without_colour_marks_are_words() -> None:
    out = shown(terminal.article(analysis(), TEXT, "A title", color=False))
    assert out.startswith("A title\n")
    assert "The mayor [may]{epistemic} resign. “It [might]{epistemic} rain,” she [said]{attribution}." in " ".join(out.split())
    assert "\x1b" not in out


def test_with_colour_each_type_has_its_own() -> None:
    out = shown(terminal.article(analysis(), TEXT, None, color=True), color=True)
    assert "\x1b[4;33mmay\x1b[0m" in out
    assert "\x1b[2;4;33mmight\x1b[0m" in out
    assert "{epistemic}" not in out
    assert set(terminal.STYLES) == set(CUE_TYPES) == set(parts.MEANINGS)
    assert len(set(terminal.STYLES.values())) == len(CUE_TYPES)


@pytest.mark.parametrize("width", [20, 80])
def test_lines_stay_within_the_width(width: int) -> None:
    out = shown(terminal.marked(analysis(), TEXT * 20, color=False), width=width)
    assert max(map(len, out.splitlines())) <= width


def test_answers_are_said() -> None:
    out = shown(terminal.answers(analysis(), ""))
    for expected in (
        "loaded (probability 0.70)",
        "words toward loaded: shameful\\x1b[31m 1.00",
        "words toward measured: said 0.25",
        "economic (0.80), legality crime (0.60)",
        "hedged (hedges more than 81% of the reference news)",
        "of 3 sentences: hedged 67%, vague 0%, attributed 33%",
        "fake@00000000",
        "valence: the model fake@00000000 has no such head",
    ):
        assert expected in " ".join(out.split()), expected
    assert re.search(r"{epistemic} +1 +1  possible, not certain *\n", out)


@pytest.mark.parametrize(("percentile", "share"), [(99.7, "99%"), (100.0, "all"), (0.0, "0%")])
def test_no_article_hedges_more_than_all_of_itself(percentile: float, share: str) -> None:
    said = parts.hedging_said(replace(analysis().hedging, percentile=percentile))  # type: ignore[type-var]
    assert f"more than {share} of the reference news" in said


def test_no_underline_runs_on_under_blanks() -> None:
    assert not re.search(r"\x1b\[(1;)?4;\d+m[^\x1b]* \x1b\[0m", shown(terminal.answers(analysis(), "", color=True), color=True))


def test_a_measured_article_names_both_sides_rightly() -> None:
    tone = Prediction("measured", 0.6, {"measured": 0.6, "loaded": 0.4}, -0.4)
    sides = dict(parts.sides(analysis(tone=tone), "tone", tone))
    assert list(sides) == ["measured", "loaded"]
    assert [part.feature for part in sides["measured"]] == ["said"]


@pytest.mark.parametrize(("reason", "words"), parts.REASONS.items())
def test_abstentions_say_why(reason: str, words: str) -> None:
    quiet = Prediction.abstain(reason)  # type: ignore[arg-type]
    made = analysis(cues=(), tone=quiet, hedging=Hedging(None, None, None, {}, {}, reason), frames=Frames((), {}, reason))  # type: ignore[arg-type]
    out = shown(terminal.article(made, TEXT, None, color=False))
    assert out.count(f"no answer ({words})") == 3
    assert f"no answer ({words})" in html.notebook(made, TEXT)
    assert "No cues are marked." in out


def test_an_analysis_without_heads_is_shown() -> None:
    made = analysis(cues=(), tone=None, hedging=None, frames=None, language=None)
    assert "tone, valence, frames, hedging: the model" in shown(terminal.article(made, TEXT, None, color=False))
    assert "Nobody" in html.notebook(made, TEXT)


def test_control_characters_are_escaped() -> None:
    nasty = "a\x1b[2Jb\x00c\u202ed\r\ne\tf\x9bg\ud800 may\u2028h"
    made = analysis(nasty, cues=(cue("may", "epistemic", text=nasty),), sentences=())
    out = shown(terminal.article(made, nasty, "t\x1b]0;x\x07\nu", color=False))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800\u2028]", out)
    assert "a\\x1b[2Jb\\x00c\\u202ed\ne f\\x9bg\\ud800 [may]{epistemic}\\u2028h" in out
    assert "t\\x1b]0;x\\x07\\nu" in out
    assert "[2Jb" in html.notebook(made, nasty)
    assert "\x1b" not in html.notebook(made, nasty)


UNSAFE = {
    "control characters": [*range(0x00, 0x09), *range(0x0B, 0x0D), *range(0x0E, 0x20), *range(0x7F, 0xA0)],
    "marks of direction": [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x2070)],
    "line ends and the byte order mark": [0x2028, 0x2029, 0xFEFF],
    "surrogates": range(0xD800, 0xE000),
}


@pytest.mark.parametrize("kind", list(UNSAFE))
def test_every_character_that_moves_a_cursor_or_turns_a_line_is_escaped(kind: str) -> None:
    for code in UNSAFE[kind]:
        written = f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
        assert parts.printable(f"a{chr(code)}b") == f"a{written}b"
        assert html.safe(chr(code)) == written


def test_every_other_character_is_printed_as_it_is() -> None:
    unsafe = {code for codes in UNSAFE.values() for code in codes} | {0x09, 0x0D}
    safe = "".join(chr(code) for code in range(0x10000) if code not in unsafe)
    assert parts.printable(safe) == safe
    assert parts.printable("a\tb\rc\r\nd") == "a b c\nd"


def test_in_one_line_a_line_break_is_written_too() -> None:
    assert parts.one_line("a\r\nb\nc") == "a\\nb\\nc"
    assert parts.one_line(7) == "7"


def test_rich_markup_in_a_text_is_text() -> None:
    text = "A [bold]man[/bold] :smile: [/] walked."
    assert text in shown(terminal.marked(analysis(text, cues=(), sentences=()), text, color=False))


def test_explanation_adds_up() -> None:
    made = Explanation("tone", "loaded", tuple(Contribution(f"w{n}", 1.0, 1 / (n + 1)) for n in range(20)), -0.5, 3.0977)
    out = shown(terminal.explanation(made, top=3))
    amounts = [float(value) for value in re.findall(r"([+-]\d+\.\d{3})$", out, re.MULTILINE)]
    assert len(amounts) == 3 + 1 + 1 + 1
    assert sum(amounts[:-1]) == pytest.approx(amounts[-1], abs=0.003)
    assert "(17 smaller)" in out


def test_scores_table_holds_every_kind_of_row() -> None:
    frame = pd.DataFrame(
        {
            "key": ["a", "b\x1b[1m", "c"],
            "title": ["Tax \x1b[31mrise", None, float("nan")],
            "tone": ["measured", None, None],
            "tone_loaded": [0.2, None, None],
            "hedging": ["plain", None, None],
            "hedged_rate": [0.25, None, None],
            "vague_rate": [0.0, None, None],
            "attributed_rate": [0.5, None, None],
            "frames": ["economic;health", None, None],
            "status": ["ok", "abstained", "error"],
            "reason": [None, "too_short", "binary"],
        }
    )
    out = shown(terminal.scores(frame, total=3), width=100)
    assert re.search(r"Tax \\x1b\[31mrise +measured 0\.80 +plain +25% +0% +50% +economic,", out)
    assert "abstained:" in out and "error: binary" in out and "\x1b" not in out
    assert "and 2 more rows" in shown(terminal.scores(frame.head(1), total=3))


def test_notebook_escapes_everything_and_needs_nothing() -> None:
    evil = "<script>alert(\"1\")</script> may & 'x'"
    made = analysis(
        evil,
        cues=(cue("may", "epistemic", text=evil),),
        model="<img src=x>",
        labels={"<i>": Prediction("<u>", 0.9, {"no": 0.1, "<u>": 0.9}, 2.2)},
    )
    out = html.notebook(made, evil)
    assert "<script" not in out and "<img" not in out and "<i>" not in out and "<u>" not in out
    assert "&lt;script&gt;alert(" in out
    assert '<mark class="epistemic" title="epistemic: possible, not certain; probability 0.90; author">may</mark>' in out
    assert "http" not in out and "url(" not in out


def test_type_and_voice_of_a_cue_are_escaped_wherever_they_stand() -> None:
    evil = replace(cue("may", '"><script>'), voice='"><i>')  # type: ignore[arg-type]
    out = html.marked(analysis(cues=(evil,)), TEXT)
    assert re.findall("<[^>]*>", out) == ["<p>", out[out.index("<mark") : out.index(">may") + 1], "</mark>", "<q>", "</q>", "</p>"]
    assert out.count("&quot;&gt;&lt;script&gt;") == 3 and "&quot;&gt;&lt;i&gt;" in out


def test_rows_of_the_notebook_follow_each_other() -> None:
    table = re.search("<table>(.*)</table>", html.notebook(analysis(), TEXT))
    assert table and re.sub("<tr><th>[^<]*</th><td>[^<]*</td></tr>", "", table[1]) == ""


def test_notebook_of_an_analysis_read_back_shows_its_sentences() -> None:
    made = Analysis.from_dict(analysis().to_dict())
    out = made._repr_html_()
    assert '<mark class="epistemic" title="epistemic: possible, not certain; probability 0.90; author">may</mark> resign.' in out
    assert "&lt;b&gt;Nobody&lt;/b&gt; knew." in out
    assert "oward loaded" not in out


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("kind", CUE_TYPES)
@pytest.mark.parametrize("ground", ["#ffffff", "#fbfaf7", "#15171a", "#111111"])
def test_lines_stand_out_on_light_and_dark(kind: str, ground: str) -> None:
    dark, light = sorted((luminance(html.LINES[kind][0]), luminance(ground)))
    assert (light + 0.05) / (dark + 0.05) >= 3  # WCAG 1.4.11


def test_every_type_has_its_own_line_without_colour() -> None:
    assert set(html.LINES) == set(CUE_TYPES)
    assert len({line for _, line in html.LINES.values()}) == len({kind[:3] for kind in CUE_TYPES}) == len(CUE_TYPES)


def loaded(number: int, text: str = TEXT) -> tuple[Sentence, ...]:
    label = Prediction("loaded", 0.8, {"plain": 0.2, "loaded": 0.8}, 1.4)
    return tuple(replace(s, loaded=label if n == number else None) for n, s in enumerate(sentences(text)))


def test_marked_nests_sentence_quotation_and_cue() -> None:
    out = html.marked(analysis(sentences=loaded(1)), TEXT, attributes=lambda cue: "")
    assert out == (
        '<p>The mayor <mark class="epistemic">may</mark> resign. '
        '<span class="loaded">“<q>It <mark class="epistemic">might</mark> rain,</q>” she '
        '<mark class="attribution">said</mark>.</span> &lt;b&gt;Nobody&lt;/b&gt; knew.</p>'
    )


def test_the_legend_names_the_marks_that_occur_and_no_others() -> None:
    assert html.legend(analysis(cues=())) == ""
    plain = html.legend(analysis())
    assert re.findall('<mark class="([a-z]+)">([a-z]+)</mark>', plain) == [("epistemic", "epistemic"), ("attribution", "attribution")]
    assert "possible, not certain" in plain and "loaded" not in plain
    assert html.legend(analysis(cues=(), sentences=loaded(0))) == '<p class="key"><span class="loaded">loaded sentence</span></p>'
    assert html.legend(analysis(sentences=loaded(0))).count(" · ") == 2


def test_a_stretch_of_a_layer_leaves_a_cue_one_mark() -> None:
    cues = (cue("may resign", "epistemic"),)
    layers = [parts.layer([(4, 13), (10, 13), (14, 20)], "t0"), parts.layer([(0, 3)], "f1")]
    out = html.marked(analysis(cues=cues), TEXT, layers, attributes=lambda cue: "")
    assert out.count("<mark") == 1
    assert '<span class="f1">The</span> <span class="t0">mayor </span><mark class="epistemic"><span class="t0">may</span> <span' in out


def test_a_stretch_of_two_layers_has_both_classes() -> None:
    layers = [parts.layer([(0, 3)], "t0"), parts.layer([(0, 3)], "f1")]
    assert html.marked(analysis(cues=()), TEXT, layers).startswith('<p><span class="t0 f1">The</span> mayor')


def test_marked_within_gives_that_part_only() -> None:
    out = html.marked(analysis(), TEXT, within=(sentences()[2].start, len(TEXT)))
    assert out == "<p>&lt;b&gt;Nobody&lt;/b&gt; knew.</p>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo", ["one", "two"]),
        ("one\ntwo\n\nthree", ["one\ntwo", "three"]),
        ("\n\none\r\n \r\ntwo\n\n", ["one", "two"]),
        ("one\n \n \n\ntwo\nthree\n", ["one", "two\nthree\n"]),
        ("\n \n", []),
        ("", []),
        (f"{'The mayor spoke long of it and then ' * 2}\nwent.", [f"{'The mayor spoke long of it and then ' * 2}\nwent."]),
        (f"{'The mayor spoke long of it and left. ' * 2}\nSo.", [f"{'The mayor spoke long of it and left. ' * 2}", "So."]),
    ],
)
def test_paragraphs(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b, _ in parts.paragraphs(text)] == expected


@given(st.text("ab \n\r\t.“”<&'\x1b\u202e", max_size=60), st.data())
def test_marked_shows_every_character_that_is_no_break(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = (Cue(text[start:end], start, end, "vague", 0.5, "author", 0),) if start < end else ()
    out = html.marked(analysis(text, cues=found, sentences=()), text)
    shown = unescape(re.sub(r"<[^>]*>", "", out))
    assert "".join(shown.split()) == "".join(parts.printable(text).split())
    assert not re.search("[\x1b\u202e]", out)


def test_a_ground_that_was_cut_by_a_line_break_is_one_line() -> None:
    part = Contribution("loaded=opinion", 1.0, 1.0, ((0, 14),))
    assert parts.ground(part, "it is a\nfarce.") == "it is a farce. (opinion)"


REASONED = (
    ("w=may", 1.0),
    ("suffix=may", 0.5),
    ("p1=mayor", 0.75),
    ("near=mayor", 0.5),
    ("w>may resign", -2.0),
    ("whas=may if", 0.25),
    ("clause<may <s>", 0.125),
    ("n1n2=resign .", 0.25),
    ("numeral=may xx", 0.0625),
    ("w<may <s>", 0.03125),
)


def test_reasons_sum_what_tells_of_one_word() -> None:
    made = tuple(Contribution(feature, amount, 1.0) for feature, amount in REASONED)
    of = analysis(_explain=lambda head, of: Explanation(head, "epistemic", made, 0.0, 0.0))
    found = parts.reasons(of, of.cues[0], TEXT, most=9)
    assert found == [
        ("“resign”", -1.75),
        ("the word itself", 1.5),
        ("“mayor”", 1.25),
        ("“if”", 0.25),
        ("the clause it stands in", 0.125),
        ("whether a number follows", 0.0625),
        ("start of the sentence", 0.03125),
    ]


def test_reasons_add_up_with_a_real_model() -> None:
    text = "The mayor may resign if the inquiry, critics say, finds that about a dozen letters were reportedly lost."
    real = framing.classify(text)
    assert len(real.cues) >= 5
    for each in real.cues:
        whole = real.explain(each.type, each)
        found = parts.reasons(real, each, text, most=1000)
        assert sum(amount for _, amount in found) + whole.intercept == pytest.approx(whole.score)
        assert all(words == words.strip() and "=" not in words and "<" not in words for words, _ in found), found


def test_reasons_of_an_analysis_read_back_are_none() -> None:
    assert parts.reasons(Analysis.from_dict(analysis().to_dict()), analysis().cues[0], TEXT) == []


def test_features_read_as_words() -> None:
    assert parts.feature("_ said 0") == "(name) said (number)"
    assert parts.feature(" said") == "' said'"
    assert parts.feature("") == "''"


def test_strongest_words_leave_out_mere_punctuation() -> None:
    made = (Contribution(". 0", 9.0, 1.0), Contribution("cruel", 1.0, 1.0))
    tone = Prediction("loaded", 0.7, {"measured": 0.3, "loaded": 0.7}, 0.85)
    with_marks = analysis(_explain=lambda head, of: Explanation(head, "loaded", made, 0.0, 10.0))
    assert [(label, [part.feature for part in found]) for label, found in parts.sides(with_marks, "tone", tone)] == [("loaded", ["cruel"])]


def test_show_leaves_no_blanks_at_line_ends() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=60, no_color=True)
    terminal.show(console, terminal.answers(analysis(), ""))
    assert stream.getvalue().endswith("\n") and not re.search(r" $", stream.getvalue(), re.MULTILINE)
