"""Why a label is what it is: the contributions of the very features that made the score."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from framing.cues import GROUPS, Found, context, together
from framing.errors import InputError
from framing.linear import logit
from framing.types import Contribution, Cue, Explanation, Sentence

if TYPE_CHECKING:
    from framing.model import Model, Reading


def explain(model: Model, reading: Reading, head: str, of: Sentence | Cue | None) -> Explanation:
    """The explanation of an article's, a sentence's or a cue's label."""
    if isinstance(of, Cue):
        return _cue(model, reading, of)
    if isinstance(of, Sentence):
        return _sentence(model, reading, head, of)
    if reading.reason and not (head == "valence" and reading.reason == "too_short" and reading.targeted):
        raise InputError(f"There is no {head} to explain: the article abstained ({reading.reason}).")
    if head == "hedging" and model.cues:
        return _hedging(model, reading)
    if head == "valence" and head in model.trained:
        return _valence(model, reading)
    return _article(model, reading, head)


def _article(model: Model, reading: Reading, head: str) -> Explanation:
    frames = model.trained.get("frames")
    stream = model.article(reading)
    if frames is not None and head in frames.labels:
        return frames.explain(stream, reading.seen, head)
    if head not in model.trained or model.trained[head].level != "article":
        named = [*(name for name, h in model.trained.items() if h.level == "article"), *(frames.labels if frames else ()), "hedging"]
        raise InputError(f"No article head {head!r}. This model has: {', '.join(named)}.")
    found = model.trained[head]
    label = found.predict(stream).label
    if label is None:
        raise InputError(f"There is no {head} to explain: no word of the article is known to the head.")
    return found.explain(stream, reading.seen, label)


def _sentence(model: Model, reading: Reading, head: str, of: Sentence) -> Explanation:
    number = next((n for n, span in enumerate(reading.seen.sentences) if reading.seen.clean.span(*span) == (of.start, of.end)), None)
    if number is None:
        raise InputError("This sentence is not of this analysis. Take one of its .sentences.")
    if head == "hedged" and model.cues:
        return _hedged(model, reading, number)
    silent = reading.language not in ("en", None) or (head == "valence" and number not in reading.mentions)
    if silent or head not in model.trained or model.trained[head].level == "article":
        raise InputError(f"There is no {head!r} to explain of this sentence.")
    found = model.trained[head]
    stream = model.sentence(reading, found, number)
    label = found.decide(found.linear.scores(found.values(stream))).label
    return found.explain(stream, reading.seen, label)


def _hedged(model: Model, reading: Reading, number: int) -> Explanation:
    """The surest cue, and what each further one adds to the chance that not all are mistaken; or the surest candidate, if it says more."""
    found, chosen = (_hedges_of(items, number) for items in (reading.found, reading.chosen))
    if not found:
        raise InputError("There is nothing to explain: the sentence holds no word that can hedge.")
    if together(item.probability for item in chosen) <= found[0].probability:
        return _judged(model, reading, found[0])
    made, doubt = _judged(model, reading, chosen[0]), 1 - chosen[0].probability
    parts, score = list(made), made.score
    for item in chosen[1:]:
        doubt *= 1 - item.probability
        parts.append(Contribution(f"{item.type}={item.candidate.term}", logit(1 - doubt) - score, 1.0, (_place(reading, item),)))
        score = logit(1 - doubt)
    parts.sort(key=lambda part: (-abs(part.amount), part.feature))
    return Explanation(made.head, made.label, tuple(parts), made.intercept, score)


def _hedges_of(items: Iterable[Found], number: int) -> list[Found]:
    """Those of a sentence that may hedge, the surest first."""
    inside = [item for item in items if item.group == "hedge" and item.candidate.sentence == number]
    return sorted(inside, key=lambda item: -item.probability)


def _place(reading: Reading, item: Found) -> tuple[int, int]:
    """The caller's offsets of a candidate."""
    return reading.seen.place(item.candidate.first, item.candidate.end)


def _cue(model: Model, reading: Reading, of: Cue) -> Explanation:
    for item in reading.chosen:
        if _place(reading, item)[0] == of.start and item.type == of.type:
            return _judged(model, reading, item)
    raise InputError("This cue is not of this analysis. Take one of its .cues.")


def _judged(model: Model, reading: Reading, item: Found) -> Explanation:
    assert model.cues is not None
    head = model.cues.heads[item.group]
    made = head.explain(context(reading.seen, item.candidate), reading.seen, item.type if item.group != "hedge" else None)
    return Explanation(item.group, item.type, made.contributions, made.intercept, made.score)


def _hedging(model: Model, reading: Reading) -> Explanation:
    chosen = [item for item in reading.chosen if item.type in GROUPS["hedge"]]
    marks = [(f"{item.type}={item.candidate.term}", item.candidate.sentence, _place(reading, item)) for item in chosen]
    return hedging(marks, len(reading.seen.sentences))


def hedging(marks: Sequence[tuple[str, int, tuple[int, int]]], total: int) -> Explanation:
    """The hedged rate of `total` sentences as a sum over hedged ones, each shared by its cues.

    Parameters
    ----------
    marks : sequence of (feature, sentence, (start, end))
        The hedging cues, in order of place.
    total : int
        Sentences of the article.
    """
    inside = Counter(sentence for _, sentence, _ in marks)
    parts: dict[str, list[tuple[float, tuple[int, int]]]] = defaultdict(list)
    for feature, sentence, span in marks:
        parts[feature].append((1 / inside[sentence], span))
    made = [Contribution(name, 1 / total, sum(v for v, _ in places), tuple(s for _, s in places)) for name, places in parts.items()]
    made.sort(key=lambda part: (-part.amount, part.feature))
    return Explanation("hedging", None, tuple(made), 0.0, len(inside) / total)


def _valence(model: Model, reading: Reading) -> Explanation:
    """The mean over the sentences that mention the target."""
    head = model.trained["valence"]
    if not reading.mentions:
        raise InputError("There is no valence to explain: the target is not mentioned.")
    streams = [model.sentence(reading, head, number) for number in reading.mentions]
    rows = [head.linear.scores(head.values(stream)) for stream in streams]
    label = head.decide([sum(column) / len(rows) for column in zip(*rows, strict=True)]).label
    parts: dict[str, Contribution] = {}
    made = [head.explain(stream, reading.seen, label) for stream in streams]
    for part in (part for one in made for part in one):
        old = parts.get(part.feature, Contribution(part.feature, part.weight, 0.0))
        parts[part.feature] = Contribution(part.feature, part.weight, old.value + part.value / len(made), old.spans + part.spans)
    ordered = sorted(parts.values(), key=lambda part: (-abs(part.amount), part.feature))
    return Explanation("valence", label, tuple(ordered), made[0].intercept, sum(one.score for one in made) / len(made))


