from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slices import small_model

from framing import Model
from framing.errors import InputError
from framing.views import sheet
from framing.views.told import compared, tell

TEXT = (
    "Mayor Ann Pell may resign on Monday, officials said, though critics argue that the shameful plan was reportedly about money "
    "and not about the voters of the city. The council, said Mayor Ann Pell, would vote if it rained."
)


def test_every_label_is_told_once_and_numbered_apart(model: Model) -> None:
    told = tell(model, TEXT, "A title", None, "a")
    kinds = [answer.kind for answer in told.answers]
    assert kinds.count("tone") == kinds.count("valence") == kinds.count("hedging") == 1
    assert len(told.frames) == len(model.trained["frames"].labels)
    assert [answer.number for answer in told.answers] == list(range(len(told.answers)))
    assert len(told.answers) <= sheet.LABELS


def test_present_frames_come_first_and_the_surest_of_them(model: Model, articles: list[str]) -> None:
    for article in articles[:6]:
        frames = tell(model, article, "", None, "a").frames
        keys = [(not frame.present, -next(iter(frame.shares.values()))) for frame in frames]
        assert keys == sorted(keys)


def test_words_of_a_label_stand_in_the_text(model: Model) -> None:
    told = tell(model, TEXT, "", None, "a")
    tone = told.answer("tone")
    assert tone is not None and {side.kind for side in tone.sides} == {"t", "f"}
    (toward,) = (side for side in tone.sides if side.kind == "t")
    assert toward.label == tone.said
    assert max(share for side in tone.sides for _, _, share in side.words) == 1.0
    for side in tone.sides:
        assert re.search(rf'<span class="[^"]*\b{side.kind}{tone.number}\b', told.article)


def test_the_share_of_a_hedging_word_is_that_of_its_sentences(model: Model) -> None:
    told = tell(model, TEXT, "", None, "a")
    hedging = told.answer("hedging")
    assert hedging is not None and hedging.shares["hedged"] == 1.0
    shares = [int(amount.removesuffix("%")) for _, amount, _ in hedging.sides[0].words]
    assert 90 <= sum(shares) <= 110
    assert "may (epistemic)" in [words for words, _, _ in hedging.sides[0].words]


def test_valence_names_its_target(model: Model) -> None:
    assert tell(model, TEXT, "", None, "a").answer("valence").note == "toward Mayor Ann Pell"  # type: ignore[union-attr]
    assert tell(model, TEXT, "", "the council", "a").answer("valence").note == "toward the council"  # type: ignore[union-attr]


def test_every_cue_is_described_by_its_row(model: Model, articles: list[str]) -> None:
    told = tell(model, articles[1], "", None, "b")
    assert re.findall(r'data-cue="b-c(\d+)"', told.article) == [str(n) for n in range(len(told.cues))]
    assert all(row.reasons for row in told.cues)


def test_a_title_that_heads_the_text_is_not_read_twice(model: Model) -> None:
    apart = tell(model, TEXT, "Mayor Ann Pell may resign", None, "a").analysis
    assert apart == model.classify(TEXT)
    assert tell(model, TEXT, "Shame!", None, "a").analysis == model.classify(TEXT, title="Shame!")


def test_of_a_long_text_only_what_is_present_is_explained(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framing.views.told.LONG", 100)
    told = tell(model, TEXT * 3, "", None, "a")
    assert {answer.present for answer in told.frames} == {True, False}
    assert all(bool(answer.sides) == answer.present for answer in told.frames)


def test_warnings_become_notes(model: Model) -> None:
    assert "HTML tags" in tell(model, f"<p>{TEXT}</p>", "", None, "a").notes[0]


def test_without_text_it_says_so(model: Model) -> None:
    with pytest.raises(InputError, match="There is no text"):
        tell(model, " \n", "", None, "a")


def test_two_articles_are_compared_by_what_either_has(model: Model) -> None:
    first, second = tell(model, TEXT, "", None, "a"), tell(model, "The plan is a disgrace, and nobody asked us. " * 5, "", None, "b")
    rows = {row.name: row for row in compared([first, second])}
    assert rows["Hedged sentences"].said == ("100%", "0%")
    assert rows["epistemic"].said[1] == "0"
    assert all(0 <= share <= 1 for row in rows.values() for share in row.shares or ())
    short = tell(model, "The mayor may resign.", "", None, "b")
    assert next(row for row in compared([first, short]) if row.name == "Loaded tone").said[1] == "no answer"


def test_the_strip_counts_the_reference_news(model: Model) -> None:
    bars = sheet._strip(model.reference)
    assert len(bars) == sheet.BINS and max(height for _, height in bars) == 100
    assert sheet._strip((0.0, 0.0, 2.0))[0] == (0.0, 100.0)
    assert sheet._strip(()) == ()


@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=20))
@example("!!!", "", "")
@example("“”‘’…", "…", "!")
@example("may\x00may\r\nmay", "\x1b[2J", "may")
def test_any_text_has_a_page(text: str, title: str, target: str) -> None:
    status, page = sheet.page(small_model(), [sheet.Draft(text, title), sheet.Draft(TEXT)], target, "n")
    assert status in (200, 422)
    assert page.count('<section class="told"') + page.count('role="alert">First text') + page.count('role="alert">Second text') >= 2
    assert not re.search("[\x1b\x00]", re.sub(r"(?s)<textarea.*?</textarea>|<input[^>]*>", "", page))


def test_a_model_of_one_own_head_is_shown(model: Model) -> None:
    from dataclasses import replace

    own = {"stance": replace(model.trained["tone"], name="stance", labels=("<i>no", "yes"))}
    only = replace(model, trained=own, cues=None, reference=())
    status, page = sheet.page(only, [sheet.Draft(TEXT)], "", "n")
    assert status == 200
    assert "stance" in page and "<i>no" not in page
    assert "Frames</h2>" not in page and "Hedging" not in page
