"""A head as a scikit-learn Pipeline: the same probabilities, in a process that has never heard of framing."""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from slices import rows_of

import framing
from framing.documents import read_document
from framing.errors import InputError
from framing.measure import probabilities
from framing.model import Model
from framing.text import clean

HERE = Path(__file__).resolve().parent
FILES = sorted((HERE.parent / "datasets" / "articles").iterdir())
ODD = [
    "", "!", "It's “quoted” – 1,234.50 of McDonald’s… at 5p.m., wasn't it? = ^ ¶", "A" * 30, "word " * 40,
    "The U.S. and the E.U. said no. NATO's Jens Stoltenberg’s plan, a 'so-called' deal.", "naïve café\nNEW YORK (AP) — It is 10% off!!",
]  # fmt: skip


@cache
def own() -> Model:
    """A reader's own head with three labels."""
    rows = rows_of("sentences.jsonl")[::12]
    return framing.train(pd.DataFrame(rows), label="valence")


@cache
def texts() -> list[str]:
    found = [document.text for path in FILES for document in [read_document(str(path))]]
    assert len(found) >= 20
    return [clean(text).text for text in found + ODD]


def model_of(head: str) -> Model:
    return framing.load() if head == "tone" else own()


@pytest.mark.parametrize("head", ["tone", "valence"])
def test_the_pipeline_says_what_the_model_says(head: str) -> None:
    model = model_of(head)
    pipeline = model.to_sklearn(head)
    labels = model.trained[head].labels
    assert list(pipeline.classes_) == list(labels)
    ours = [[probabilities(model, head, text)[0][label] for label in labels] for text in texts()]
    theirs = pipeline.predict_proba(texts())
    assert abs(theirs - ours).max() <= 1e-9
    assert list(pipeline.predict(texts())) == [max(labels, key=dict(zip(labels, row, strict=True)).__getitem__) for row in ours]


@pytest.mark.parametrize("head", ["tone", "valence"])
def test_a_dumped_pipeline_predicts_where_framing_cannot_be_imported(head: str, tmp_path: Path) -> None:
    pipeline = model_of(head).to_sklearn(head)
    joblib.dump(pipeline, tmp_path / "head.joblib")
    (tmp_path / "texts.json").write_text(json.dumps(texts()), encoding="utf-8")
    script = (
        "import sys, json; sys.modules['framing'] = None\n"
        "import joblib\n"
        "rows = joblib.load('head.joblib').predict_proba(json.load(open('texts.json', encoding='utf-8')))\n"
        "try:\n    import framing\nexcept ImportError:\n    print(json.dumps(rows.tolist()))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == pipeline.predict_proba(texts()).tolist()


@pytest.mark.parametrize("head", ["tone", "valence"])
def test_only_classes_of_sklearn_numpy_and_python_are_pickled(head: str) -> None:
    named = modules_in(model_of(head).to_sklearn(head))
    assert {"sklearn", "numpy"} <= named
    assert named - set(sys.stdlib_module_names) <= {"sklearn", "numpy", "scipy"}


def modules_in(thing: Any) -> set[str]:
    """The top modules that unpickling asks for."""
    named: set[str] = set()

    class Recorder(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            named.add(module.partition(".")[0])
            return super().find_class(module, name)

    Recorder(io.BytesIO(pickle.dumps(thing))).load()
    return named


@pytest.mark.parametrize("head", ["frames", "hedge", "loaded", "nothing"])
def test_other_heads_are_refused_with_those_that_serve(head: str) -> None:
    with pytest.raises(InputError, match=f"No n-gram head '{head}'.*tone"):
        framing.load().to_sklearn(head)
