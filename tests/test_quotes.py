"""The family `quotes` of `framing.features`."""

from __future__ import annotations

import pytest

from framing.features import FAMILIES, as_one, quotations, sentence, view


def quotes(text: str, number: int = 0, whole: bool = True) -> set[str]:
    """Features of the family in one sentence."""
    seen = view(text)
    return set(sentence(as_one(seen) if whole else seen, number, {}).counts("quotes"))


@pytest.mark.parametrize("marks", ["“”", '""', ("''", "''"), ("``", "''")])
def test_kinds_of_marks_are_alike(marks: tuple[str, str]) -> None:
    opening, closing = marks
    assert quotes(f"{opening}It was bad,{closing} he said.") == {"q=any", "q=share25", "q=share50", "q=words3"}


@pytest.mark.parametrize("text", ["{}.”", "“{}.", "{}.''", "''{}."])
def test_a_mark_without_partner_holds_the_whole_sentence(text: str) -> None:
    assert {"q=share95", "q=words6"} <= quotes(text.format("It was as bad as that"))


def test_a_plain_sentence_and_scare_quotes() -> None:
    assert not quotes("The mayor's car is Mr O'Neil's.")
    assert quotes("The mayor has “reformed” the one school that nobody in this town attends.") == {"q=any"}


def test_a_quotation_runs_on_through_sentences_without_marks() -> None:
    text = "“We waited all night for them. Nobody came to the door. We went home.”"
    assert "q=share95" in quotes(text, 1, whole=False)


def test_nested_marks_count_once() -> None:
    assert quotations(['"', '"', "yes", '"', '"']) == [(0, 3)]
    assert quotations([]) == [] and "quotes" in FAMILIES
