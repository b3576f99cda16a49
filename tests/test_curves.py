from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
from loading import loaded
from slices import SMALL, rows_of, write_small

from framing import training
from framing.errors import TrainingError
from framing.fit import Recipe, Rows

RECIPE = Recipe("tone", "article", ("measured", "loaded"), ("words:1-1",), 10.0, 1)


@pytest.fixture(scope="module")
def curves() -> ModuleType:
    return loaded("scripts/curves.py")


def rows(groups: int) -> Rows:
    made = Rows()
    for n in range(groups):
        label = RECIPE.labels[n % 2]
        made.add([{("board" if n % 2 else "shame"): 1, f"w{n % 7}": 1}], label, f"g{n}")
    return made


def test_shares_grow_and_a_learnable_head_learns(curves: ModuleType) -> None:
    points = curves.curve(RECIPE, rows(60), [0.25, 1.0], 3)
    assert [one.share for one in points] == [0.25, 1.0] and points[0].rows < points[1].rows == 40
    assert points[1].measures["f1"][0] == 1.0
    assert "100%" in curves.table(points) and len(curves.table(points).splitlines()) == 3


def test_the_smaller_share_lies_within_the_larger(curves: ModuleType) -> None:
    made = rows(40)
    few, many = (set(curves._some(made, range(40), share)) for share in (0.1, 0.5))
    assert few < many and len(many) == 20


def test_one_frame_of_several(curves: ModuleType) -> None:
    made = Rows()
    made.add([{"a": 1}], {"economic": True}, "1")
    made.add([{"b": 1}], {"morality": True}, "2")
    recipe, known = curves._one_frame(Recipe("frames", "article", ("economic", "morality"), (), several=True), made, "economic")
    assert (recipe.labels, known.labels) == (("other", "economic"), ["economic"])
    with pytest.raises(TrainingError, match="frames:economic"):
        curves._one_frame(Recipe("frames", "article", ("economic",), (), several=True), made, "sport")


def test_the_rows_are_those_that_training_fits(curves: ModuleType, tmp_path: Path) -> None:
    """Without names, which else tell outlets apart and lift the curve."""
    folder = write_small(tmp_path / "corpora")
    articles = rows_of("articles.jsonl")[::13]
    for row in articles[:2]:  # at the beginning of a sentence a name is not masked
        row["text"] = f"Voss left. Then came Voss. {row['text'][:600]}"
    (folder / "articles.jsonl").write_text("".join(json.dumps(row) + "\n" for row in articles), encoding="utf-8")
    data = training.sources(folder)
    named = training.names_of(data)
    recipe, known = curves.learned_by(folder, "tone", str(SMALL))
    assert recipe == training.RECIPES["tone"] and len(known) == len(data["articles"])
    features = set(known.tally.terms)
    assert features and not {token for feature in features for token in feature.split(" ")} & named
    before = set(training.tone_rows(data, data.lexicons).tally.terms)
    assert "voss" in before - features
