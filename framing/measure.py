"""Measuring a model on labelled text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framing.errors import InputError
from framing.evaluation import Report, report

if TYPE_CHECKING:
    import pandas as pd

    from framing.model import Model


def evaluate(
    model: Model,
    frame: pd.DataFrame,
    text: str = "text",
    label: str = "label",
    head: str | None = None,
    group: str | None = None,
    target: str | None = None,
    title: str | None = None,
) -> Report:
    """How right a head is on labelled rows.

    Parameters
    ----------
    model : Model
    frame : DataFrame
    text, label : str
        Columns of texts and true labels (a head's label names; 0 and 1 serve where a head has two).
    head : str, optional
        Name of an article or sentence head, `hedged` among them. By default the column's name, or the model's only head.
    group : str, optional
        Column whose groups the bootstrap resamples whole.
    target, title : str, optional
        Columns of targets (valence) and headlines.

    Returns
    -------
    Report
        Metrics with bootstrap 95% intervals, confusion table, reliability.
    """
    name = head or (label if label in _known(model) else next(iter(model.trained), label))
    if name not in _known(model):
        raise InputError(f"No head {name!r} to evaluate. This model has: {', '.join(_known(model))}.")
    for column in (text, label, *filter(None, (group, target, title))):
        if column not in frame.columns:
            raise InputError(f"No column {column!r}. The table has: {', '.join(map(str, frame.columns))}.")
    labels = ("plain", "hedged") if name == "hedged" else model.trained[name].labels
    truth = [_truth(value, labels) for value in frame[label]]
    extra = [list(frame[column]) if column else [None] * len(frame) for column in (title, target)]
    answers = [probabilities(model, name, *row) for row in zip(frame[text], *extra, strict=True)]
    rows = [[chances[value] for value in labels] for chances, _ in answers]
    predicted = [label for _, label in answers]
    return report(truth, rows, labels, groups=list(frame[group]) if group else None, predicted=predicted)


def probabilities(model: Model, head: str, text: str, title: str | None = None, target: Any = None) -> tuple[dict[str, float], str]:
    """Probabilities and label of a head for one text, never abstaining; a sentence head reads the text as one sentence."""
    from dataclasses import replace

    from framing.features import as_one, view
    from framing.linear import sigmoid
    from framing.model import NO_CUE

    if head == "hedged":
        assert model.cues is not None
        seen = as_one(view(text))
        found = model.cues.judge(seen)
        chance = max([NO_CUE, *(item.probability for item in found if item.group == "hedge")])
        cued = any(item.group == "hedge" for item in model.cues.select(found))
        return {"plain": 1 - chance, "hedged": chance}, ("plain", "hedged")[cued]
    trained = model.trained[head]
    reading = model.read(text, title, target)
    if trained.level == "article":
        scores = trained.linear.scores(trained.values(model.article(reading)))
    else:
        whole = replace(reading, seen=as_one(reading.seen), mentions={0: next(iter(reading.mentions.values()))} if reading.mentions else {})
        number = 0
        chosen = tuple(replace(item, candidate=replace(item.candidate, sentence=0)) for item in whole.chosen)
        stream = model.sentence(replace(whole, chosen=chosen), trained, number)
        scores = trained.linear.scores(trained.values(stream))
    if trained.several:
        chances = {label: sigmoid(score) for label, score in zip(trained.labels, scores, strict=True)}
        return chances, max(chances, key=chances.__getitem__)
    decided = trained.decide(scores)
    assert decided.label is not None
    return decided.probabilities, decided.label


def _known(model: Model) -> list[str]:
    single = [name for name, head in model.trained.items() if not head.several]
    return [*single, *(["hedged"] if model.cues else [])]


def _truth(value: Any, labels: tuple[str, ...]) -> str:
    """A label as the head names it."""
    text = str(value)
    if text in labels:
        return text
    if len(labels) == 2 and text in ("0", "1", "0.0", "1.0", "False", "True"):
        return labels[text in ("1", "1.0", "True")]
    raise InputError(f"{value!r} is no label of this head. Its labels are {', '.join(labels)}.")
