"""Measuring a model on labelled text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from framing.errors import InputError
from framing.evaluation import Report, paired, report, slices
from framing.table import check_columns

if TYPE_CHECKING:
    import pandas as pd

    from framing.model import Model

COMPARED = ("f1", "macro_f1", "accuracy", "auc", "brier", "ece")
"""Measures of a comparison; f1 where there are two labels."""

SLICED = ("f1", "macro_f1", "accuracy")
LENGTHS = (0, 15, 30, 60, 250, 500, 1000, 1_000_000)
"""Edges of the classes of length, in words: sentences up to 60, articles from there."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a head answered on labelled rows.

    Attributes
    ----------
    head : str
    labels : tuple of str, length k
        Of two, the second is the positive one.
    truth, predicted : list of str, length n
        The given labels, and the head's.
    probabilities : list of n lists of k floats
    groups : list or None
        What the bootstrap draws whole.
    """

    head: str
    labels: tuple[str, ...]
    truth: list[str]
    predicted: list[str]
    probabilities: list[list[float]]
    groups: list[Any] | None

    def report(self) -> Report:
        """Measures with intervals."""
        return report(self.truth, self.probabilities, self.labels, groups=self.groups, predicted=self.predicted)


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
    return answers(model, frame, text, label, head, group, target, title).report()


def answers(
    model: Model,
    frame: pd.DataFrame,
    text: str = "text",
    label: str = "label",
    head: str | None = None,
    group: str | None = None,
    target: str | None = None,
    title: str | None = None,
) -> Answers:
    """A head's answers on labelled rows, to be measured, compared or sliced; the parameters are those of `evaluate`."""
    name = head or (label if label in _known(model) else next(iter(model.trained), label))
    if name not in _known(model):
        raise InputError(f"No head {name!r} to evaluate. This model has: {', '.join(_known(model))}.")
    check_columns(frame, (text, label, *filter(None, (group, target, title))), InputError)
    labels = ("plain", "hedged") if name == "hedged" else model.trained[name].labels
    truth = _truths(list(frame[label]), labels)
    extra = [list(frame[column]) if column else [None] * len(frame) for column in (title, target)]
    given = [probabilities(model, name, *row) for row in zip(frame[text], *extra, strict=True)]
    chances = [[of[value] for value in labels] for of, _ in given]
    return Answers(name, labels, truth, [chosen for _, chosen in given], chances, list(frame[group]) if group else None)


def compare(a: Answers, b: Answers, resamples: int = 1000) -> pd.DataFrame:
    """Two models on the same rows, by paired bootstrap.

    Returns
    -------
    DataFrame
        A row for each measure: measure, a, b, difference (a - b), low, high (95% interval), p. Of brier and ece, less is better.

    Raises
    ------
    InputError
        If the heads have different labels.
    """
    import pandas as pd

    if set(a.labels) != set(b.labels) or len(a.truth) != len(b.truth):
        raise InputError(f"Only heads with the same labels compare. Got {', '.join(a.labels)} and {', '.join(b.labels)}. Name the head.")
    order = [b.labels.index(name) for name in a.labels]
    other = [[row[k] for k in order] for row in b.probabilities]
    given = (a.truth, a.predicted, b.predicted, a.labels, a.probabilities, other, a.groups)
    measures = COMPARED if len(a.labels) == 2 else COMPARED[1:]
    return pd.DataFrame([asdict(paired(*given, measure=measure, resamples=resamples)) for measure in measures])


def sliced(given: Answers, frame: pd.DataFrame, by: str, text: str = "text", resamples: int = 1000) -> pd.DataFrame:
    """Measures for each value of a column of the answered table; see `framing.evaluation.slices`.

    Parameters
    ----------
    given : Answers
    frame : DataFrame
        The table that was answered.
    by : str
        A column of it; or, where it has no such column, `length` (class of words) or `voice` (author, quoted) of the text.
    """
    import pandas as pd

    values = list(frame[by]) if by in frame.columns else _made(by, frame, text)
    table = pd.DataFrame({by: values, "_true": given.truth, "_predicted": given.predicted, "_group": given.groups or range(len(values))})
    return slices(table, by, given.labels, true="_true", predicted="_predicted", groups="_group", resamples=resamples)


def _made(by: str, frame: pd.DataFrame, text: str) -> list[str]:
    """The length or the voice of each text."""
    from framing.features import as_one, view

    if by == "voice":
        return [(as_one(view(value)).voices or ["author"])[0] for value in frame[text]]
    if by == "length":
        return [_length(sum(token[0].isalnum() for token in view(value).words)) for value in frame[text]]
    raise InputError(f"No column {by!r}. The table has: {', '.join(map(str, frame.columns))}; length and voice can be made.")


def _length(words: int) -> str:
    low = max(edge for edge in LENGTHS[:-1] if edge <= words)
    high = LENGTHS[LENGTHS.index(low) + 1]
    return f"{low:>4}-{high - 1} words" if high < LENGTHS[-1] else f"{low:>4} words or more"


def comparison_text(table: pd.DataFrame) -> str:
    """What `compare` gives, as aligned text."""
    return str(table.to_string(index=False, float_format="{:.3f}".format))


def slices_text(table: pd.DataFrame) -> str:
    """What `sliced` gives, as aligned text: each measure with its interval in one column."""
    shown = table[list(table.columns[:2])].copy()
    for name in (name for name in SLICED if name in table.columns):
        cells = zip(table[name], table[f"{name}_low"], table[f"{name}_high"], strict=True)
        shown[name] = [f"{value:.3f} ({low:.3f}-{high:.3f})" for value, low, high in cells]
    return str(shown.to_string(index=False))


def probabilities(model: Model, head: str, text: str, title: str | None = None, target: Any = None) -> tuple[dict[str, float], str]:
    """Probabilities and label of a head for one text, never abstaining; a sentence head reads the text as one sentence."""
    from framing.cues import NO_CUE, hedges
    from framing.features import as_one, view
    from framing.linear import sigmoid

    if head == "hedged":
        assert model.cues is not None
        seen = as_one(view(text))
        found = model.cues.judge(seen)
        cues = model.cues.select(found)
        chance = max(NO_CUE, hedges(found, cues))
        return {"plain": 1 - chance, "hedged": chance}, ("plain", "hedged")[any(item.group == "hedge" for item in cues)]
    trained = model.trained[head]
    reading = model.read(text, title, target)
    if trained.level == "article":
        scores = trained.linear.scores(trained.values(model.article(reading)))
    else:
        whole = reading._replace(seen=as_one(reading.seen), mentions={0: next(iter(reading.mentions.values()))} if reading.mentions else {})
        number = 0
        chosen = tuple(item._replace(candidate=item.candidate._replace(sentence=0)) for item in whole.chosen)
        stream = model.sentence(whole._replace(chosen=chosen), trained, number)
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


def _truths(values: list[Any], labels: tuple[str, ...]) -> list[str]:
    """The labels as the head names them; `InputError` where it does not know one."""
    found = [_truth(value, labels) for value in values]
    if bad := [n for n, name in enumerate(found) if name is None]:
        many = f"{len(bad)} rows have a label that" if len(bad) > 1 else "One row has a label that"
        told = f"{values[bad[0]]!r} is no label of this head. {many} it does not know, the first at {bad[:5]}"
        raise InputError(f"{told}. Its labels are {', '.join(labels)}. Mend or drop those rows.")
    return [name for name in found if name is not None]


def _truth(value: Any, labels: tuple[str, ...]) -> str | None:
    """A label as the head names it; None for one that it does not know."""
    text = str(value)
    if text in labels:
        return text
    if len(labels) == 2 and text in ("0", "1", "0.0", "1.0", "False", "True"):
        return labels[text in ("1", "1.0", "True")]
    return None
