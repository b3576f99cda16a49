"""A head as a scikit-learn Pipeline made of scikit-learn's, numpy's and the standard library's own classes."""

from __future__ import annotations

import operator
from functools import partial
from typing import TYPE_CHECKING, Any

from framing.errors import InputError
from framing.text import NAME, NAME_TOKEN, NUMBER, NUMBER_TOKEN, TOKEN, TYPOGRAPHY

if TYPE_CHECKING:
    from framing.heads import Head
    from framing.model import Model

LONGEST_TERM = 6


def pipeline(model: Model, name: str) -> Any:
    """The Pipeline of an n-gram head: text in, the same probabilities out (to 1e-9).

    It takes cleaned text without a title, as `framing.text.clean` leaves it (most text is clean).

    Raises
    ------
    InputError
        If there is no such head, or it reads more than words and lexicons.
    """
    from sklearn.pipeline import Pipeline, make_pipeline

    head = _ngram_head(model, name)
    union, order = _counters(model, head)
    weigh, classify = _weights(head, order)
    folding = [(f"fold{n}", step) for n, step in enumerate(_folding())]
    return Pipeline([*folding, ("counts", union), ("root", _each(operator.methodcaller("sqrt"))), *make_pipeline(weigh, classify).steps])


def _ngram_head(model: Model, name: str) -> Head:
    possible = [n for n, h in model.trained.items() if h.level == "article" and not h.several]
    if name not in possible:
        raise InputError(f"No n-gram head {name!r}. This model has: {', '.join(possible) or 'none'}.")
    return model.trained[name]


def _each(function: Any) -> Any:
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer(function, accept_sparse=True)


def _folding() -> list[Any]:
    """`framing.text.fold` as steps over an array of texts."""
    import numpy as np

    replacements: list[Any] = [operator.methodcaller("replace", *pair) for pair in TYPOGRAPHY]
    masks = [partial(NAME.sub, f" {NAME_TOKEN}"), partial(NUMBER.sub, NUMBER_TOKEN)]
    return [_each(np.vectorize(step, otypes=[object])) for step in [*replacements, *masks]]


def _counters(model: Model, head: Head) -> tuple[Any, list[int]]:
    """A union of counters of each family, and the row of the head's vocabulary for each of its columns."""
    from sklearn.pipeline import FeatureUnion

    parts, order = [], []
    for family in head.families:
        kind, _, argument = family.partition(":")
        make = {"words": _word_counter, "lexicon": _lexicon_counter}[kind]
        counter, rows = make(model, head, argument)
        parts.append((family.replace(":", "_"), counter))
        order += rows
    return FeatureUnion(parts), order


def _counter(vocabulary: dict[str, int], low: int, high: int) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(vocabulary=vocabulary, ngram_range=(low, high), token_pattern=TOKEN.pattern)


def _word_counter(model: Model, head: Head, argument: str) -> tuple[Any, list[int]]:
    low, high = (int(n) for n in argument.split("-"))
    terms = [term for term in head.linear.vocabulary if "=" not in term or term == "="]
    return _counter({term: k for k, term in enumerate(terms)}, low, high), [head.linear.vocabulary[term] for term in terms]


def _lexicon_counter(model: Model, head: Head, argument: str) -> tuple[Any, list[int]]:
    """Counts of terms, summed to categories by a fixed matrix (TruncatedSVD is a product with one)."""
    import numpy as np
    from sklearn.decomposition import TruncatedSVD
    from sklearn.pipeline import make_pipeline

    from framing.features import categories

    lexicon = model.lexicons[argument]
    names = [name for name in head.linear.vocabulary if name.startswith(f"{argument}=")]
    column = {name: k for k, name in enumerate(names)}
    matrix = np.zeros((len(names), len(lexicon.terms)))
    for k, value in enumerate(lexicon.terms.values()):
        for name in categories(argument, value):
            if name in column:
                matrix[column[name], k] = 1
    project = TruncatedSVD(n_components=len(names))
    project.components_ = matrix
    counter = _counter({term: k for k, term in enumerate(lexicon.terms)}, 1, LONGEST_TERM)
    return make_pipeline(counter, project), [head.linear.vocabulary[name] for name in names]


def _weights(head: Head, order: list[int]) -> tuple[Any, Any]:
    """The idf weighting and the regression with the head's numbers."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    weigh = TfidfTransformer()
    weigh.n_features_in_ = len(order)
    weigh.idf_ = np.array(head.linear.idf, dtype=np.float64)[order]
    regression = LogisticRegression()
    regression.classes_ = np.array(head.labels)
    regression.coef_ = np.ascontiguousarray([np.array(row, dtype=np.float64)[order] for row in head.linear.coef])
    regression.intercept_ = np.array(head.linear.intercept)
    regression.n_features_in_ = len(order)
    return weigh, regression
