"""What somebody else is quoted as saying is not the author's wording."""

from __future__ import annotations

from typing import Any

import pytest

from framing import Model
from framing.types import Sentence

MARKS = {"curly": "“{}”", "straight": '"{}"', "single": "‘{}’"}
PLACES = {
    "alone": "{}",
    "attributed": "{} said Ann Reyes of the union.",
    "in an article": "The council met on Monday and heard nine speakers.\n\n{}\n\nThe vote is on Friday at the town hall in Ashby.",
}
LOADED = (
    "This shameful farce has gone on for far too long.",
    "The minister's pathetic excuses insult every nurse in the country.",
    "These greedy, lying bosses have bled the town dry.",
    "Only a fool would trust that corrupt and cowardly council.",
    "A glorious, fearless band of volunteers has saved the valley from the vandals.",
    "The radical mob will stop at nothing to destroy our way of life.",
)


def quoted(text: str, marks: str, place: str) -> str:
    """A sentence in quotation marks, as it stands in print."""
    inside = text[:-1] + "," if place == "attributed" and text.endswith(".") else text
    return PLACES[place].format(MARKS[marks].format(inside))


def holding(model: Model, whole: str, part: str) -> Sentence:
    """The sentence of a text that holds these words."""
    at = whole.index(part)
    return next(one for one in model.classify(whole).sentences if one.start <= at < one.end)


def clearly_loaded(model: Model, sentences: list[dict[str, Any]]) -> list[str]:
    """Our loaded sentences, without quotation marks, that the model calls loaded in the author's voice, and ours above."""
    texts = [row["text"] for row in sentences if row["loaded"] and not set(row["text"]) & set("“”\"‘")]
    alone = [(text, model.classify(text).sentences) for text in [*LOADED, *texts]]
    return [text for text, (one, *more) in alone if not more and one.loaded and one.loaded.label == "loaded"]


@pytest.mark.parametrize("marks", MARKS)
@pytest.mark.parametrize("place", PLACES)
def test_a_loaded_sentence_in_quotation_marks_is_not_the_authors(
    wording: Model, sentences: list[dict[str, Any]], marks: str, place: str
) -> None:
    texts = clearly_loaded(wording, sentences)[:300]
    assert len(texts) >= 200
    found = [(text, holding(wording, quoted(text, marks, place), text[:-1])) for text in texts]
    wrong = [(text, one.voice, one.loaded) for text, one in found if one.voice != "quoted" or not one.loaded or one.loaded.label != "plain"]
    assert not wrong, f"{len(wrong)} of {len(texts)}, the first: {wrong[:3]}"


@pytest.mark.parametrize("text", LOADED)
def test_the_same_words_in_the_authors_voice(wording: Model, text: str) -> None:
    (one,) = wording.classify(text).sentences
    assert one.voice == "author" and one.loaded is not None and one.loaded.label == "loaded"


def test_cues_follow(model: Model) -> None:
    for marks in MARKS.values():
        text = f"The clerk may resign. {marks.format('The mayor may resign too and leave the town.')}"
        assert [cue.voice for cue in model.classify(text).cues if cue.text == "may"] == ["author", "quoted"], text
