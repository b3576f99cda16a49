"""The form of what the project wrote itself: every row, term and file of datasets/."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from framing.documents import read_document
from framing.types import CUE_TYPES, FRAME_NAMES, HEDGE_TYPES

DATASETS = Path(__file__).resolve().parent.parent / "datasets"
Row = dict[str, Any]

SENTENCE_FIELDS = [
    *("event", "domain", "kind", "text", "target", "start", "end", "valence"),
    *("hedged", "vague", "attributed", "loaded", "cues", "traps"),
]
ARTICLE_FIELDS = ["id", "domain", "outlet", "date", "title", "text", "tone", "target", "valence", "frames"]
VALENCES = {"negative", "neutral", "positive"}
LOADED_KINDS = {"loaded_against", "loaded_for", "subtly_loaded"}
KINDS = LOADED_KINDS | {
    *("plain", "emphatic_plain", "plain_attributed", "unnamed_attributed"),
    *("hedged", "hearsay", "vague", "loaded_quote", "trap"),
}
CATEGORIES = {
    *("absolute", "emotion", "emotive_verb", "evaluative_adj", "first_second_person", "intensifier", "moral"),
    *("opinion_stance", "partisan_term", "pejorative_label", "praise", "presupposition", "sarcasm_scare", "violence_metaphor"),
}
POLARITIES = {
    *("good_deed", "good_quality", "praised", "bad_deed", "bad_quality", "blamed"),
    *("speech", "negation"),
}
SPEECH = {
    *("say", "claim", "note", "shout", "write", "aloud", "according", "document", "believe", "passive"),
    *("told_to", "judge", "urge", "talk", "speaker", "matter"),
}
VAGUE = {"some_people", "agent", "quantity", "frequency", "judged", "judged_widely", "renown", "unsure", "when"}
LEXICONS = {
    "loaded_lexicon.tsv": ["term", "category", "strength"],
    "cue_lexicon.tsv": ["term", "types"],
    "frame_lexicon.tsv": ["term", "frame"],
    "polarity_lexicon.tsv": ["term", "category"],
    "speech_lexicon.tsv": ["term", "category"],
    "vague_lexicon.tsv": ["term", "category"],
}
WORD = re.compile(r"\w+(?:['’-]\w+)*")


def _rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (DATASETS / name).read_text(encoding="utf-8").split("\n") if line]


def _terms(name: str) -> list[dict[str, str]]:
    with (DATASETS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


SENTENCES = _rows("sentences.jsonl")
ARTICLES = _rows("articles.jsonl")
FILES = sorted(path for path in (DATASETS / "articles").iterdir() if path.is_file())


def _where(row: Row) -> str:
    return f"{row['event']}: {row['text']}"


# ---- sentences ------------------------------------------------------------------------------------------------------


def test_sentences_have_the_fields_and_values_of_the_codebook() -> None:
    for row in SENTENCES:
        assert list(row) == SENTENCE_FIELDS, _where(row)
        assert row["kind"] in KINDS and row["valence"] in VALENCES, _where(row)
        assert all(row[label] in (0, 1) for label in ("hedged", "vague", "attributed", "loaded")), _where(row)
        assert row["text"] == row["text"].strip() and "\n" not in row["text"], _where(row)
        assert all(cue["type"] in CUE_TYPES for cue in row["cues"]), _where(row)


def test_offsets_give_the_words() -> None:
    for row in SENTENCES:
        assert row["text"][row["start"] : row["end"]] == row["target"] != "", _where(row)
        for span in (*row["cues"], *row["traps"]):
            words = row["text"][span["start"] : span["end"]]
            assert words == span["text"] == words.strip() != "", (_where(row), span)


def test_cues_and_traps_stand_apart_and_in_order() -> None:
    for row in SENTENCES:
        for spans in (row["cues"], sorted(row["cues"] + row["traps"], key=lambda span: span["start"])):
            assert all(left["end"] <= right["start"] for left, right in pairwise(spans)), _where(row)


def test_labels_follow_from_cues() -> None:
    for row in SENTENCES:
        types = {cue["type"] for cue in row["cues"]}
        assert row["hedged"] == int(not types.isdisjoint(HEDGE_TYPES)), _where(row)
        assert row["vague"] == int("vague" in types), _where(row)
        assert row["attributed"] or "attribution" not in types, _where(row)


def test_kinds_keep_their_promise() -> None:
    for row in SENTENCES:
        kind = row["kind"]
        assert row["loaded"] or kind not in LOADED_KINDS, _where(row)
        assert not row["loaded"] or kind not in ("plain", "emphatic_plain", "loaded_quote"), _where(row)
        assert row["hedged"] or kind not in ("hedged", "hearsay"), _where(row)
        assert not row["hedged"] or kind not in ("plain", "emphatic_plain"), _where(row)
        assert row["vague"] or kind != "vague", _where(row)
        assert row["attributed"] or kind not in ("plain_attributed", "unnamed_attributed", "loaded_quote"), _where(row)


def test_there_are_enough_sentences_events_domains_and_traps() -> None:
    assert len(SENTENCES) >= 2400
    assert len({row["event"] for row in SENTENCES}) >= 400
    assert len({row["domain"] for row in SENTENCES}) >= 12
    assert sum(bool(row["traps"]) for row in SENTENCES) >= len(SENTENCES) / 4
    assert min(Counter(cue["type"] for row in SENTENCES for cue in row["cues"]).values()) >= 200


def test_an_event_has_one_domain_and_several_kinds() -> None:
    events: dict[str, list[Row]] = defaultdict(list)
    for row in SENTENCES:
        events[row["event"]].append(row)
    for event, rows in events.items():
        assert len({row["domain"] for row in rows}) == 1, event
        assert len({row["kind"] for row in rows}) >= 3, event


def test_no_sentence_recurs_and_no_five_words_recur_across_events() -> None:
    assert len({row["text"].casefold() for row in SENTENCES}) == len(SENTENCES)
    events: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in SENTENCES:
        words = re.findall(r"\w+", row["text"].lower())
        for start in range(len(words) - 4):
            events[tuple(words[start : start + 5])].add(row["event"])
    most = max(events, key=lambda five: len(events[five]))
    assert len(events[most]) <= len({row["event"] for row in SENTENCES}) / 100, most


# ---- articles -------------------------------------------------------------------------------------------------------


def test_articles_have_the_fields_and_values_of_the_codebook() -> None:
    for row in ARTICLES:
        assert list(row) == ARTICLE_FIELDS, row["id"]
        assert row["tone"] in ("measured", "loaded") and row["valence"] in VALENCES, row["id"]
        assert set(row["frames"]) <= set(FRAME_NAMES) and 1 <= len(set(row["frames"])) == len(row["frames"]) <= 3, row["id"]
        date.fromisoformat(row["date"])
        assert row["title"] and "\n" not in row["title"], row["id"]


def test_articles_are_250_to_700_words_and_hold_their_target() -> None:
    for row in ARTICLES:
        assert 250 <= len(WORD.findall(row["text"])) <= 700, row["id"]
        assert row["target"] in f"{row['title']}\n{row['text']}", row["id"]


def test_there_are_enough_articles_of_every_sort() -> None:
    assert len(ARTICLES) >= 150
    assert len({row["id"] for row in ARTICLES}) == len({row["text"] for row in ARTICLES}) == len(ARTICLES)
    assert {row["domain"] for row in ARTICLES} == {row["domain"] for row in SENTENCES}
    assert min(Counter(row["tone"] for row in ARTICLES).values()) >= len(ARTICLES) * 0.4
    frames = Counter(frame for row in ARTICLES for frame in row["frames"])
    assert all(frames[name] >= len(ARTICLES) / 10 for name in FRAME_NAMES)


# ---- lexicons -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LEXICONS)
def test_terms_are_sorted_single_and_lower_case(name: str) -> None:
    terms = [row["term"] for row in _terms(name)]
    assert all(left < right for left, right in pairwise(terms))
    for term in terms:
        assert term == term.lower() == " ".join(term.split()) and 1 <= len(term.split()) <= 5 and "’" not in term, term


@pytest.mark.parametrize(("name", "header"), LEXICONS.items())
def test_every_line_of_a_lexicon_has_all_its_columns(name: str, header: list[str]) -> None:
    text = (DATASETS / name).read_text(encoding="utf-8")
    assert text.endswith("\n") and "\r" not in text
    first, *lines = [line.split("\t") for line in text[:-1].split("\n")]
    assert first == header
    for cells in lines:
        assert len(cells) == len(header) and all(cell == cell.strip() != "" for cell in cells), cells


def test_loaded_terms_have_a_category_and_a_strength() -> None:
    terms = _terms("loaded_lexicon.tsv")
    assert {row["category"] for row in terms} == CATEGORIES
    assert {row["strength"] for row in terms} == {"1", "2", "3"}


def test_cue_terms_have_types() -> None:
    found = [row["types"].split(";") for row in _terms("cue_lexicon.tsv")]
    assert {name for types in found for name in types} == set(CUE_TYPES)
    assert all(len(set(types)) == len(types) for types in found)


def test_frame_terms_have_a_frame_and_every_frame_has_many() -> None:
    frames = Counter(row["frame"] for row in _terms("frame_lexicon.tsv"))
    assert set(frames) == set(FRAME_NAMES)
    assert min(frames.values()) >= 120, frames


@pytest.mark.parametrize(("name", "known"), [("polarity", POLARITIES), ("speech", SPEECH), ("vague", VAGUE)])
def test_terms_have_a_category_and_every_category_has_some(name: str, known: set[str]) -> None:
    categories = Counter(row["category"] for row in _terms(f"{name}_lexicon.tsv"))
    assert set(categories) == known
    assert min(categories.values()) >= 15, categories


# ---- marks in the corpora -------------------------------------------------------------------------------------------

MARKS = _terms("cue_marks.tsv")
CORPORA = DATASETS.parent.parent / "shared" / "corpora" / "train"


def test_marks_have_places_and_types_in_order_and_none_twice() -> None:
    assert list(MARKS[0]) == ["corpus", "row", "first", "last", "start", "end", "type", "second"]
    places = [(row["corpus"], row["row"], *(int(row[name]) for name in ("first", "last", "start", "end"))) for row in MARKS]
    assert places == sorted(set(places))
    assert all(first <= start < end <= last for *_, first, last, start, end in places)
    assert {row["type"] for row in MARKS} == {*CUE_TYPES, "none"} and {row["second"] for row in MARKS} <= {*CUE_TYPES, "none", ""}


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora lie beside the checkout only where they were given")
@pytest.mark.parametrize("corpus", sorted({row["corpus"] for row in MARKS}))
def test_a_mark_is_on_whole_words_of_its_row(corpus: str) -> None:
    with gzip.open(CORPORA / f"{corpus}.jsonl.gz", "rt", encoding="utf-8") as stream:
        texts = {str(row["id"]): row["text"] for row in map(json.loads, stream)}
    for mark in (mark for mark in MARKS if mark["corpus"] == corpus):
        text, start, end = texts[mark["row"]], int(mark["start"]), int(mark["end"])
        assert re.fullmatch(r"[\w.'’%$£-]+( [\w.'’%$£-]+)*", text[start:end]), mark
        assert not text[start - 1 : start].isalnum() and (text[end - 1] == "." or not text[end : end + 1].isalnum()), mark


# ---- articles as files ----------------------------------------------------------------------------------------------


def test_there_are_twenty_files_of_all_sorts() -> None:
    by_id = {row["id"]: row for row in ARTICLES}
    rows = [by_id[path.stem] for path in FILES]
    assert len(FILES) == len({path.stem for path in FILES}) == 20
    endings = Counter(path.suffix for path in FILES)
    assert set(endings) == {".txt", ".md", ".html"} and endings[".html"] >= 7
    assert len({row["domain"] for row in rows}) >= 12 and len({row["outlet"] for row in rows}) >= 12
    assert min(Counter(row["tone"] for row in rows).values()) >= 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_gives_its_article_whole_and_nothing_else(path: Path) -> None:
    (row,) = (row for row in ARTICLES if row["id"] == path.stem)
    document = read_document(path)
    assert document.title == row["title"]
    assert " ".join(document.text.split()).removeprefix(f"{row['title']} ") == " ".join(row["text"].split())


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".html"], ids=lambda path: path.name)
def test_a_page_has_clutter_and_leads_nowhere(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert all(part in page for part in ("<script", "og:title", "footer", "<a href"))
    assert all(re.fullmatch(r"(?:[a-z]+\.)?example\.(?:com|org)", host) for host in re.findall(r"https?://([^/\"'\s]+)", page))


def test_the_datasheet_counts_what_is_there() -> None:
    sheet = (DATASETS / "README.md").read_text(encoding="utf-8")
    events = len({row["event"] for row in SENTENCES})
    for count, what in (
        (len(SENTENCES), "sentences"),
        (events, "events"),
        (len(ARTICLES), "articles"),
        *((len(_terms(name)), "terms") for name in LEXICONS),
        (len(MARKS), "words"),
    ):
        assert f"{count:,} {what}" in sheet, f"{count:,} {what}"
