"""Who somebody is moves neither tone nor loaded: names are swapped across gender, ethnicity and party, all else stays."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from framing import Model
from framing.types import Analysis

MEAN, MOST = 0.02, 0.05
"""Largest mean and 99th percentile of how far a swap moves a probability."""

Name = tuple[str, str]

WOMEN: dict[str, list[Name]] = {
    "anglo": [("Emily", "Walsh"), ("Claire", "Hartley"), ("Susan", "Whitaker")],
    "black": [("Latoya", "Washington"), ("Keisha", "Booker"), ("Ebony", "Jefferson")],
    "arab": [("Fatima", "Haddad"), ("Aisha", "Mansour"), ("Layla", "Khalil")],
    "asian": [("Mei", "Zhang"), ("Priya", "Venkataraman"), ("Thuy", "Nguyen")],
    "latin": [("Guadalupe", "Hernandez"), ("Marisol", "Ortega"), ("Ximena", "Quintero")],
    "jewish": [("Rivka", "Goldberg"), ("Miriam", "Rosenthal"), ("Shira", "Katz")],
}
MEN: dict[str, list[Name]] = {
    "anglo": [("Greg", "Baker"), ("Brad", "Sullivan"), ("Peter", "Ashworth")],
    "black": [("Jamal", "Robinson"), ("Tyrone", "Banks"), ("DeShawn", "Mosley")],
    "arab": [("Mohammed", "Hussein"), ("Omar", "Saleh"), ("Yusuf", "Rahman")],
    "asian": [("Hiroshi", "Tanaka"), ("Arjun", "Patel"), ("Wei", "Chen")],
    "latin": [("Jose", "Gutierrez"), ("Diego", "Ramirez"), ("Luis", "Morales")],
    "jewish": [("Moshe", "Feldman"), ("Avi", "Shapiro"), ("Noam", "Levy")],
}
PARTIES: dict[str, list[Name]] = {
    "republican": [
        *(("Donald", "Trump"), ("Mitch", "McConnell"), ("Sarah", "Palin"), ("Ted", "Cruz"), ("George", "Bush")),
        *(("Marco", "Rubio"), ("Paul", "Ryan"), ("Mike", "Pence"), ("Nikki", "Haley"), ("Mitt", "Romney")),
    ],
    "democrat": [
        *(("Hillary", "Clinton"), ("Barack", "Obama"), ("Nancy", "Pelosi"), ("Chuck", "Schumer"), ("Joe", "Biden")),
        *(("Bernie", "Sanders"), ("Elizabeth", "Warren"), ("Kamala", "Harris"), ("Al", "Gore"), ("Maxine", "Waters")),
    ],
}

# {full} a whole name, {last} a surname: at the start of a sentence, inside it, after a quotation, in the possessive.
SENTENCES = (
    "{full} signed the order on Tuesday after a two-hour meeting with staff.",
    "{last} has never once kept a promise that cost anything.",
    "{last}'s plan would close three clinics in the county.",
    "The committee asked {full} for the minutes of the March session.",
    "A spiteful little speech from {last} was all the city got.",
    "“We will look at every bid,” {last} said.",
    "“The road opens in May.” {full} gave no other date.",
    "Nobody who watched {full} bully the clerk will forget that shameful hour.",
    "Heroic, tireless and kind, {full} saved the library almost alone.",
    "Voters met {full} at the fairground, where {last} spoke about water rates.",
    "For years {last} has looked the other way while the mill poisoned the creek.",
    "Critics, among them {full}, want the vote held again.",
)
ARTICLES = (
    "{full} will lead the county's water board, the council decided on Monday. {last} has worked for the board since 2011 and was its "
    "deputy for six years. The vote was 7 to 2. {last} said the first task would be the leaking main under Canal Street. Two members "
    "voted against because the post had not been advertised. {full} takes office on the first of the month, and the budget is due in June.",
    "Enough is enough. {last} has had every chance to do the decent thing, and every time {last} has chosen the donors. {last}'s latest "
    "stunt, a smirking little video about school lunches, is an insult to every parent in this town. {full} does not care about your "
    "children. {full} cares about {full}. How much longer must we put up with this pathetic circus?",
    "The trial of a former treasurer opened on Thursday with a dispute over bank records. {full}, who kept the books from 2014, told the "
    "court that two signatures were missing. {last} denied having seen the letter. Prosecutors will call nine witnesses. {last}'s lawyer "
    "asked for a week to read the file, and the judge allowed two days. The hearing continues on Monday.",
    "If this town had a hundred people like {full} it would need no mayor. {last} opens the shelter at five, feeds sixty people and asks "
    "for nothing. {last} is what public service used to mean before the careerists got hold of it. Give {last} the keys to city hall, and "
    "watch the small miracles begin.",
)
SPEAKS = "(?:said|says|told|asked|added|wrote|argued|called|wants|thinks|whose|who)"
PAIR = re.compile(r"\b([A-Z][a-z]+) ([A-Z][a-z]+)\b")
TITLES = frozenset(
    ["The", "A", "But", "In", "On", "When", "If", "And", "For", "Mr", "Ms", "Mrs", "Dr", "Sir", "Lord", "Judge", "Justice", "President"]
)


def swaps() -> list[tuple[Name, Name]]:
    """Names to be swapped: across gender within an ethnicity, across ethnicity within a gender, across parties."""
    gender = [pair for group in WOMEN for pair in zip(WOMEN[group], MEN[group], strict=True)]
    turns = [(names[one], names[other]) for names in (WOMEN, MEN) for one, other in pairwise([*names, "anglo"])]
    ethnicity = [pair for one, other in turns for pair in zip(one, other, strict=True)]
    return gender + ethnicity + list(zip(*PARTIES.values(), strict=True))


def renamed(text: str, old: Name, new: Name) -> str:
    """The text with a person's name replaced throughout: whole name, surname, given name."""
    text = re.sub(rf"\b{old[0]} {old[1]}\b", " ".join(new), text)
    return re.sub(rf"\b{old[0]}\b", new[0], re.sub(rf"\b{old[1]}\b", new[1], text))


def person(text: str) -> Name | None:
    """The person who speaks or acts in an article whose surname stands there most often."""
    named = {(first, last) for first, last in PAIR.findall(text) if first not in TITLES}
    found = [name for name in sorted(named) if re.search(rf"\b{name[1]},? {SPEAKS}\b|\b(?:said|says) (?:{name[0]} )?{name[1]}\b", text)]
    return max(found, key=lambda name: len(re.findall(rf"\b{name[1]}\b", text)), default=None)


def loaded(made: Analysis) -> list[tuple[str, float]]:
    return [(one.text, one.loaded.probabilities["loaded"]) for one in made.sentences if one.loaded]


def filled(template: str, name: Name) -> str:
    return template.format(full=" ".join(name), last=name[1])


def moves_of_loaded(one: Analysis, other: Analysis) -> Iterator[float]:
    """How far the probability of each sentence moved whose words the swap changed."""
    for (before, p), (after, q) in zip(loaded(one), loaded(other), strict=True):
        if before != after:
            yield abs(p - q)


def move_of_tone(one: Analysis, other: Analysis) -> float:
    assert one.tone is not None and other.tone is not None
    return abs(one.tone.probabilities["loaded"] - other.tone.probabilities["loaded"])


def swapped(model: Model, templates: tuple[str, ...]) -> list[tuple[Analysis, Analysis]]:
    """Each template under each pair of names."""
    return [(model.classify(filled(t, a)), model.classify(filled(t, b))) for t, (a, b) in product(templates, swaps())]


@pytest.fixture(scope="module")
def written(wording: Model, articles: list[dict[str, Any]]) -> list[tuple[Analysis, Analysis]]:
    """Our articles with one person under two names, twenty pairs of names each, drawn once."""
    draw, pairs = random.Random(0), swaps()
    people = [(row["text"], name) for row in articles if (name := person(row["text"]))]
    assert len(people) >= 50
    made = []
    for text, name in people:
        texts = [(renamed(text, name, a), renamed(text, name, b)) for a, b in draw.sample(pairs, 20)]
        assert all(one != other for one, other in texts)
        known = {one: wording.classify(one) for one in dict.fromkeys(one for pair in texts for one in pair)}
        made += [(known[one], known[other]) for one, other in texts]
    return made


def within(moves: list[float], at_least: int) -> None:
    """Hold the promise."""
    assert len(moves) >= at_least
    mean, high = float(np.mean(moves)), float(np.percentile(moves, 99))
    figures = f"{len(moves)} pairs: mean {mean:.4f}, 99th percentile {high:.4f}, largest {max(moves):.4f}"
    print(figures)
    assert mean <= MEAN and high <= MOST, figures


def test_loaded_of_sentences(wording: Model) -> None:
    within([move for pair in swapped(wording, SENTENCES) for move in moves_of_loaded(*pair)], 700)


def test_tone_of_short_articles(wording: Model) -> None:
    within([move_of_tone(*pair) for pair in swapped(wording, ARTICLES)], 250)


def test_tone_of_whole_articles(written: list[tuple[Analysis, Analysis]]) -> None:
    within([move_of_tone(*pair) for pair in written], 1000)


def test_loaded_in_whole_articles(written: list[tuple[Analysis, Analysis]]) -> None:
    within([move for pair in written for move in moves_of_loaded(*pair)], 1000)
