"""Model cards, generated from the training run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framing.model import Model

CORPORA = {
    "szeged_wiki": "Szeged Uncertainty Corpus, Wikipedia part (Szarvas et al. 2012), CC BY-SA",
    "conll2010_wiki_train": "CoNLL-2010 shared task 1, Wikipedia (Farkas et al. 2010), part of the training set, CC BY-SA",
    "gum_attribution": "GUM corpus (Zeldes 2017), Wikinews CC BY 2.5, annotation CC BY 4.0",
    "hyperpartisan_train": "SemEval-2019 task 4, by-article (Kiesel et al. 2019), CC BY 4.0",
    "newsmtsc_train": "NewsMTSC (Hamborg & Donnay 2021), MIT",
    "narrative_frames_climate": "narrative frames (Frermann et al. 2023), MIT",
    "frac_frames": "FrAC, CC BY 4.0",
    "sentences": "framing's own sentences, written and labelled by a language model, CC0",
    "articles": "framing's own articles, written and labelled by a language model, CC0",
    "cue_marks": "framing's own judgements of single words in the corpora above, by a language model, CC0",
    "table": "a reader's own table",
}


MEASURED = "## Measured"
"""Heading of the last section of a card."""


def make_card(model: Model) -> str:
    """The card of a model, Markdown; `{digest}` stands for the file's hash until it is written."""
    corpora = [f"| {name} | {rows:,} | {CORPORA.get(name, 'unknown')} |" for name, rows in model.facts["corpora"].items()]
    heads = [_head_line(name, facts) for name, facts in model.facts["heads"].items()]
    return "\n".join(
        [
            f"# {model.name}",
            "",
            "English news: tone, valence, hedging cues and frames. TF-IDF and logistic regression; every score is a sum over words.",
            "This card is written by the training run (`scripts/train.py`). SHA-256 of `model.safetensors`: `{digest}`.",
            "",
            "## Trained on",
            "",
            "| corpus | rows | source and licence |",
            "|---|---|---|",
            *corpora,
            "",
            "The weights learn from CC BY-SA text and are under CC BY-SA 4.0. No text of the corpora is in the file, only words and short",
            "word sequences that occur in two texts or more.",
            "",
            "## Heads",
            "",
            "| head | rows | features | thresholds | calibrated on held-out folds | objective reached |",
            "|---|---|---|---|---|---|",
            *heads,
            "",
            "## Limits",
            "",
            "- English only; article labels abstain under 20 words, in other languages, and where no word is known.",
            "- Hedging is learned from Wikipedia and from sentences written for the project, tone from articles of 2016 to 2018.",
            "- A label describes wording, not truth, intent or quality. Do not rank people or outlets by single articles.",
            *_left_out(model),
            MEASURED,
            "",
            "See docs/measurements.md for figures with intervals, none on text that was trained on.",
            "",
        ]
    )


def with_figures(card: str, model: str, figures: Mapping[str, Mapping[str, tuple[float, float, float]]]) -> str:
    """A card whose last section holds measured figures: of each measure the names with value, low and high (NaN where there is none)."""
    lines = [
        f"| {measure} | {name} | {value:.3f} | {f'{low:.3f} to {high:.3f}' if low == low else ''} |"
        for measure, values in figures.items()
        for name, (value, low, high) in values.items()
    ]
    told = f"Seen with `{model}` (`benchmarks/accuracy.py`), on text that no head was trained on; docs/measurements.md tells how."
    table = ["| measure | figure | value | 95% interval |", "|---|---|---|---|", *lines]
    return "\n".join([card[: card.index(MEASURED)] + MEASURED, "", told, "", *table, ""])


def _left_out(model: Model) -> list[str]:
    """The frames that the head does not give, and why."""
    names = ", ".join(model.facts.get("frames_left_out", ()))
    if not names:
        return [""]
    return [f"- Frames left out, since they did not beat chance clearly on articles of another corpus: {names}.", ""]


def _head_line(name: str, facts: dict[str, object]) -> str:
    cuts = ", ".join(f"{cut:.2f}" for cut in facts["thresholds"])  # type: ignore[attr-defined]
    rows = f"{facts['rows']:,}" if "rows" in facts else ""
    least = ", ".join(f"{value:,.1f}" for value in facts.get("objective", ()))  # type: ignore[attr-defined]
    return f"| {name} | {rows} | {facts['features']:,} | {cuts} | {'yes' if facts['calibrated'] else 'no'} | {least} |"
