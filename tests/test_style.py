from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import framing
from framing import Model, style
from framing.errors import StyleError
from framing.model import Model as PureModel
from framing.table import score_many
from framing.types import Analysis

TEXT = (
    "Critics say the mayor may quit in May. He slammed the plan about the harbour. “The mayor slammed it,” a clerk said. "
    "The town is said to be surprised, sources close to the talks told the paper, and nobody answered."
)


def styled(model: Model, toml: str, text: str = TEXT) -> Analysis:
    return model.with_style(style.parse(toml)).classify(text)


def shown(analysis: Analysis) -> list[tuple[str, str]]:
    return [(cue.text, cue.type) for cue in analysis.cues]


def test_allowed_words_are_no_cues_and_their_sentence_is_plain(model: Model) -> None:
    before, after = model.classify(TEXT), styled(model, 'allow = ["may quit"]')
    assert ("may", "epistemic") in shown(before) and ("may", "epistemic") not in shown(after)
    assert before.sentences[0].hedged.label == "hedged" and after.sentences[0].hedged.label == "plain"  # type: ignore[union-attr]
    assert after.hedging.counts["epistemic"]["author"] == before.hedging.counts["epistemic"]["author"] - 1  # type: ignore[union-attr]
    assert after.hedging.rate == pytest.approx(before.hedging.rate - 1 / len(before.sentences))  # type: ignore[union-attr, operator]
    assert after.hedging.percentile < before.hedging.percentile  # type: ignore[union-attr, operator]
    assert after.tone == before.tone and after.sentences[1:] == before.sentences[1:]


def test_denied_words_are_cues_of_their_type(model: Model) -> None:
    after = styled(model, '[deny]\nvague = ["Sources close to the talks"]\nepistemic = ["surprised"]')
    cue = next(cue for cue in after.cues if cue.type == "vague" and cue.start > 100)
    assert TEXT[cue.start : cue.end] == cue.text == "sources close to the talks" and cue.probability == 1.0
    assert ("surprised", "epistemic") in shown(after)
    assert after.sentences[cue.sentence].vague.label == "vague"  # type: ignore[union-attr]
    assert after.explain("vague", cue).contributions[0].feature == "house style"


def test_words_denied_as_loaded_load_the_authors_sentence_only(model: Model) -> None:
    after = styled(model, '[deny]\nloaded = ["slammed"]')
    own = [sentence.voice for sentence in after.sentences if sentence.loaded.probabilities["loaded"] == 1.0]  # type: ignore[union-attr]
    assert own == ["author"] and "loaded" not in {cue.type for cue in after.cues}
    assert after.explain("loaded", after.sentences[1]).contributions[0].spans == ((TEXT.index("slammed"), TEXT.index("slammed") + 7),)


def test_retyped_words_change_their_type_and_keep_their_reasons(model: Model) -> None:
    before, after = model.classify(TEXT), styled(model, '[retype]\nvague = ["said"]\ndoxastic = ["may"]')
    assert ("may", "doxastic") in shown(after) and len(after.cues) == len(before.cues)
    cue = next(cue for cue in after.cues if cue.text == "may")
    assert len(after.explain("doxastic", cue)) > 10


@pytest.mark.parametrize("head", ["hedging", "tone"])
def test_explanations_still_sum_to_the_score(model: Model, head: str) -> None:
    after = styled(model, 'allow = ["may quit"]\n[deny]\nepistemic = ["surprised"]')
    made = after.explain(head)
    assert sum(part.amount for part in made) + made.intercept == pytest.approx(made.score)
    assert head != "hedging" or made.score == after.hedging.rate  # type: ignore[union-attr]


def test_a_touched_sentence_is_explained_by_the_style_and_others_by_the_model(model: Model) -> None:
    after = styled(model, 'allow = ["may quit"]')
    assert after.explain("hedged", after.sentences[0]).contributions[0].feature == "house style"
    assert len(after.explain("loaded", after.sentences[0])) > 1
    with pytest.raises(framing.FramingError):
        after.explain("tone of nothing")


def test_where_phrases_overlap_the_first_and_longest_counts(model: Model) -> None:
    after = styled(model, 'allow = ["may quit"]\n[deny]\nvague = ["may"]')
    assert not [cue for cue in after.cues if cue.text == "may"]


def test_both_engines_and_the_table_follow_it(model: Model) -> None:
    rules = style.parse('allow = ["may quit", "about"]\n[deny]\nvague = ["harbour"]\nloaded = ["plan"]')
    mine = model.with_style(rules)
    pure = PureModel.analyse(mine, mine.read(TEXT))
    assert shown(pure) == shown(mine.classify(TEXT)) and pure.hedging == mine.classify(TEXT).hedging
    names = ("cues_epistemic", "hedged_rate", "model")
    from framing.table import columns

    row = dict(zip(columns(mine), score_many(mine, [TEXT], [None], [None], columns(mine))[0], strict=True))
    assert [row[name] for name in names] == [0, pure.hedging.rate, mine.id]  # type: ignore[union-attr]


def test_the_id_tells_of_the_style_and_only_of_its_rules(model: Model) -> None:
    one, two = style.parse('allow = ["may", "about"]'), style.parse('# ours\nallow = ["About", "may"]')
    mine = model.with_style(one)
    assert mine.id == f"{model.id}+{one.id}" == model.with_style(two).id and mine.id.count("@") == 2
    assert mine.classify(TEXT).model == mine.id and mine.with_style(None).id == model.id
    assert mine.id != model.with_style(style.parse('allow = ["may"]')).id
    again = pickle.loads(pickle.dumps(mine))
    assert again.id == mine.id and again.classify(TEXT) == mine.classify(TEXT)


def test_another_language_and_short_texts_abstain_as_before(model: Model) -> None:
    spanish = "El alcalde dijo que la ciudad puede esperar mucho tiempo antes de que llegue la respuesta del gobierno central."
    assert styled(model, '[deny]\nvague = ["ciudad"]', spanish).cues == ()
    short = styled(model, '[deny]\nvague = ["today"]', "It rains today.")
    assert shown(short) == [("today", "vague")] and short.hedging.reason == "too_short"  # type: ignore[union-attr]
    assert styled(model, 'allow = ["may"]', "").cues == ()


@pytest.mark.parametrize("text", ["İ may quit​ may quit", "It ma\u00ady rain.", "e\u0301 May it may quit."])
def test_offsets_index_the_callers_string(model: Model, text: str) -> None:
    for cue in styled(model, '[deny]\nvague = ["may", "quit"]', text).cues:
        assert text[cue.start : cue.end] == cue.text


@pytest.mark.parametrize(
    ("toml", "line", "said"),
    [
        ("allow = [", 1, "no TOML"),
        ('allow = ["a"]\nallows = ["b"]', 2, "no meaning here"),
        ('\nallow = "may"', 2, "must be a list"),
        ('[deny]\nvagueish = ["x"]', 2, "types are epistemic"),
        ('[retype]\nloaded = ["x"]', 2, "nothing to retype"),
        ('deny = ["x"]', 1, "table of types"),
        ('allow = ["may"]\n[deny]\nvague = ["May"]', 3, "stands under allow already"),
        ('allow = ["ok",\n 7]', 2, "quotation marks"),
        ('allow = ["ok",\n "--"]', 2, "holds no word"),
        ('allow = [""]', 1, "holds no word"),
    ],
)
def test_what_means_nothing_is_refused_with_its_line(tmp_path: Path, toml: str, line: int, said: str) -> None:
    path = tmp_path / "framing.toml"
    path.write_text(toml)
    with pytest.raises(StyleError, match=said) as error:
        style.read(path)
    assert f"ine {line}" in str(error.value) and str(path) in str(error.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, model: Model) -> None:
    (tmp_path / "latin.toml").write_bytes(b'# ours\nallow = ["caf\xe9"]')
    with pytest.raises(StyleError, match="Line 2 is not UTF-8"):
        style.read(tmp_path / "latin.toml")
    with pytest.raises(StyleError, match="No such file"):
        model.with_style(tmp_path / "none.toml")
    (tmp_path / "big.toml").write_bytes(b"#" * (style.MOST_BYTES + 1))
    with pytest.raises(StyleError, match="Shorten it"):
        style.read(tmp_path / "big.toml")


def test_the_nearest_file_above_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / style.NAME).write_text("")
    assert style.find(inner / "draft.txt") == tmp_path / style.NAME
    (inner / style.NAME).write_text("")
    assert style.find(inner) == style.find(inner / "draft.txt") == inner / style.NAME
