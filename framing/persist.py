"""Models as files: a folder with `model.safetensors` and `README.md` (the card). Nothing on this path can run code.

The file is laid out as safetensors are: eight bytes of header length, a JSON header, the tensors. Our reader takes that
and no more: five steps, each of which refuses what it does not expect. `FORMAT` numbers the contents. Raise it, and
`SINCE` with it, when an older framing would misread a new file; keep a file of each earlier number in tests/files, and
read it.

The terms of all heads are one tree (`framing.tree`). Lists of text stand one a line, each as the length it shares with the
line before (a character: blank for 0, `!` for 1, ...) and the rest, which halves them. Numbers take the smallest kind that
holds them exactly. Format 1 had a list of terms for each head; such a file is put into the form of today when it is read.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from framing import native, tree
from framing.cues import CueModel, context
from framing.errors import FramingError, InputError, ModelFormatError, ModelIntegrityError, ModelNotFound, OutputError
from framing.features import Stream, is_family
from framing.heads import LEVELS, Head
from framing.lexicon import Lexicon, LexiconLater
from framing.linear import LinearOfTree, Numbers, sigmoid
from framing.model import Model, Reading
from framing.tree import Terms

FORMAT = 2
SINCE = "0.1.0"
"""The first framing that reads `FORMAT`; it is written into the file, for an older one to say what it would need."""

FILE, CARD, DEFAULT = "model.safetensors", "README.md", "news-en"
MAX_HEADER = 64 * 1024
MAX_CARD = 1024 * 1024
MAX_FILE = 512 * 1024 * 1024
KINDS = {"U8": "B", "F16": "e", "F32": "f", "F64": "d"}
"""Kinds of safetensors that are read, with their letters in `struct`."""

LONGEST_SHARED, ZERO = 94, ord(" ")
TREE = ("terms/pieces", "terms/shape", "terms/steps")
Tensor: TypeAlias = "tuple[str, memoryview]"
"""A tensor as it lies in the file: its letter in `struct`, its bytes."""

GOLDEN = (
    "He has purportedly empowered aides, per reporting from the Daily Post, and may be planning a possibly less legal turn.",
    "The shameless council has once again betrayed the people it claims to serve, and nobody at the town hall is surprised "
    "any more by its lies.",
    "The committee voted 12 to 9 on Tuesday to send the bill to the floor, and the governor said she will sign it if it "
    "passes before June.",
)
"""Texts whose scores are written with a model and checked when it is loaded; changed, no model of before would load."""


def load(name: str | Path = DEFAULT, sha256: str | None = None) -> Model:
    """Load a model by name or from a folder.

    Parameters
    ----------
    name : str or Path
        A name as `installed` lists them, or a folder that holds `model.safetensors`.
    sha256 : str, optional
        Hash that the file must have, 64 hexadecimal digits.

    Raises
    ------
    ModelNotFound, ModelFormatError, ModelIntegrityError
    """
    if sha256 is not None and not isinstance(sha256, str):
        raise InputError(f"sha256 must be str, got {type(sha256).__name__}. Give 64 hexadecimal digits, or None.")
    folder = find(name)
    data = _read(folder / FILE)
    digest = hashlib.sha256(data).hexdigest()
    if sha256 is not None and digest != sha256.lower():
        asked = f"sha256={sha256!r} was asked for. Get the file again, or change the pin."
        raise ModelIntegrityError(f"{folder / FILE} has SHA-256 {digest}, but {asked}")
    try:
        return restore(data, folder.name, digest, _card(folder))
    except (ModelFormatError, ModelIntegrityError) as error:
        raise type(error)(f"{folder / FILE}: {error}") from None


def default() -> Model:
    """The default model, the same one for all who ask until its file changes."""
    folder = find(DEFAULT)
    try:
        made = (folder / FILE).stat()
    except OSError as error:
        raise ModelNotFound(f"{folder / FILE} cannot be read: {error.strerror}.") from None
    return _shared(folder, made.st_size, made.st_mtime_ns)


@lru_cache(maxsize=1)
def _shared(folder: Path, _size: int, _changed: int) -> Model:
    return load(folder)


def restore(data: bytes, name: str, digest: str, card: str) -> Model:
    """The model of a file's bytes."""
    spec, tensors = parse(data)
    model = build(spec, tensors, name, digest, card)
    _check_golden(model, spec)
    return replace(model, data=data) if model.engine else model


def installed() -> dict[str, Path]:
    """Every model that is found by name, with its folder; the first place that has a name wins."""
    found: dict[str, Path] = {}
    for place in places():
        for path in sorted(place.glob(f"*/{FILE}")):
            found.setdefault(path.parent.name, path.parent)
    return found


def places() -> list[Path]:
    """Where models are looked for: FRAMING_MODELS, the installed package, `trained/` beside a checkout."""
    package = Path(__file__).resolve().parent
    chosen = [Path(part) for part in os.environ.get("FRAMING_MODELS", "").split(os.pathsep) if part]
    return [*chosen, package / "trained", package.parent / "trained"]


def find(name: str | Path) -> Path:
    """The folder of a model."""
    if not isinstance(name, (str, Path)):
        raise InputError(f"A model must be a name or a folder, got {type(name).__name__}. Name one: framing.load({DEFAULT!r}).")
    folder = Path(name)
    try:
        if (folder / FILE).is_file():
            return folder
    except OSError as error:  # too long a name, a folder that may not be entered
        raise ModelNotFound(f"{str(folder)[:200]!r} cannot be read: {error.strerror}.") from None
    if folder.is_file():
        raise ModelFormatError(f"{folder} is a file. Name the folder that holds {FILE}; pickle and joblib files are never read.")
    found = installed()
    if str(name) in found:
        return found[str(name)]
    if folder.is_dir():
        raise ModelNotFound(f"The folder {folder} holds no {FILE}. Train a model into it: framing train DATA.csv --out {folder}.")
    looked = ", ".join(map(str, places()))
    raise ModelNotFound(f"No model named {str(name)!r}. Looked in {looked}. Installed: {', '.join(found) or 'none'}.")


def save(model: Model, folder: Path) -> Path:
    """Write a model to a folder, whole or not at all."""
    from framing.corpus import check_writable, replacing

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {error.strerror}. Name another folder.") from None
    check_writable(folder / FILE)
    data = dump(model)
    with replacing(folder / FILE) as stream:
        stream.write(data)
    with replacing(folder / CARD) as stream:
        stream.write(model.card.replace("{digest}", hashlib.sha256(data).hexdigest()).encode())
    return folder


def _read(path: Path) -> bytes:
    """The whole file, read once: replaced meanwhile, it is the old one or the new one."""
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > MAX_FILE:
                raise ModelFormatError(f"{path} has {size:,} bytes; a model has at most {MAX_FILE:,}.")
            return stream.read()
    except OSError as error:
        raise ModelNotFound(f"{path} cannot be read: {error.strerror}.") from None


def _card(folder: Path) -> str:
    """The card beside a model; its beginning, should somebody have put a file without end there."""
    path = folder / CARD
    try:
        with path.open("rb") if path.is_file() else io.BytesIO() as stream:
            return stream.read(MAX_CARD).decode("utf-8", "replace")
    except OSError as error:
        raise ModelNotFound(f"{path} cannot be read: {error.strerror}.") from None


# Reading, step by step.


def parse(data: bytes) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The specification and the tensors of a model file."""
    header, body = _header(data)
    meta = header.pop("__metadata__", None)
    if not isinstance(meta, dict) or set(meta) != {"framing", "sha256"} or not all(isinstance(v, str) for v in meta.values()):
        raise ModelFormatError("This safetensors file was not written by framing: its metadata are others.")
    tensors = _tensors(header, body)
    spec = _spec(meta["framing"])
    if _digest(meta["framing"], header, body) != meta["sha256"]:
        raise ModelIntegrityError("The model's bytes are not those that were written. Get the file again.")
    return spec, tensors


def _digest(spec: str, entries: Mapping[str, Any], body: bytes | memoryview) -> str:
    """SHA-256 of all that a file holds but this hash."""
    made = hashlib.sha256(json.dumps([spec, *entries.items()]).encode())
    made.update(body)
    return made.hexdigest()


def _header(data: bytes) -> tuple[dict[str, Any], memoryview]:
    size = int.from_bytes(data[:8], "little")
    if size > MAX_HEADER and data[:2] in (b"\x80\x04", b"\x80\x05", b"\x80\x03", b"\x80\x02", b"PK"):  # a length may begin so too
        raise ModelFormatError("This is a pickle or zip file. It was not opened: such files can run code.")
    if len(data) < 8 or size > MAX_HEADER or 8 + size > len(data):
        raise ModelFormatError(f"This is no model file: a header of {size:,} bytes in a file of {len(data):,} (at most {MAX_HEADER:,}).")
    try:
        header = _json(data[8 : 8 + size].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelFormatError(f"The model's header is no JSON object without repeated keys: {error}.") from None
    if not isinstance(header, dict):
        raise ModelFormatError("The model's header is no JSON object.")
    return header, memoryview(data)[8 + size :]


def _json(text: str) -> Any:
    """JSON as its standard has it: no key twice, no NaN."""
    return json.loads(text, object_pairs_hook=_no_twins, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _tensors(header: Mapping[str, Any], body: memoryview) -> dict[str, Tensor]:
    """Tensors that fill the body exactly, in order, without gap or overlap."""
    at = 0
    made: dict[str, Tensor] = {}
    for name, entry in header.items():
        kind, count, low, high = _entry(name, entry)
        layout = f"<{count}{KINDS[kind]}"
        if low != at or high > len(body) or high - low != struct.calcsize(layout):
            place = f"{low}-{high} for {count} of {kind}, where {at} comes next of {len(body)} bytes"
            raise ModelFormatError(f"Tensor {name!r} lies about its place: {place}.")
        made[name] = KINDS[kind], body[low:high]
        at = high
    if at != len(body):
        raise ModelFormatError(f"The model file holds {len(body) - at} bytes that belong to no tensor.")
    return made


def _entry(name: str, entry: Any) -> tuple[str, int, int, int]:
    """Kind, count and place of a tensor; ours have one dimension."""
    if isinstance(entry, dict) and set(entry) == {"dtype", "shape", "data_offsets"}:
        kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        lists = isinstance(shape, list) and isinstance(offsets, list) and (len(shape), len(offsets)) == (1, 2)
        if lists and kind in list(KINDS) and all(type(n) is int and 0 <= n <= MAX_FILE for n in [*shape, *offsets]):
            return kind, shape[0], offsets[0], offsets[1]
    kinds = ", ".join(KINDS)
    raise ModelFormatError(f"Tensor {name!r} is not described as ours are (dtype of {kinds}; shape of one number; data_offsets).")


def _spec(text: str) -> dict[str, Any]:
    try:
        spec = dict(_json(text))
    except (ValueError, TypeError, RecursionError):
        raise ModelFormatError("The model's specification is no JSON object.") from None
    version = spec.get("format")
    if type(version) is not int or version < 1:
        raise ModelFormatError(f"The model's specification has no format number. Got {version!r:.40} instead.")
    if version > FORMAT:
        needs = str(spec.get("needs", "a later version"))[:20]
        raise ModelFormatError(
            f"The model needs framing >= {needs}: its format is {version}, this one reads {FORMAT}. Run: pip install -U framing-news"
        )
    return spec


def build(spec: Mapping[str, Any], tensors: Mapping[str, Tensor], name: str, digest: str, card: str) -> Model:
    """The model that a specification and its tensors describe."""
    try:
        left = dict(tensors if spec["format"] > 1 else _raised(spec, tensors))
        engine = native.build(spec, left)
        lexicon = _lexicon_later if engine else _lexicon
        terms = _terms_of(*(left.pop(name) for name in TREE))
        trained = {h["name"]: _head(h, terms, left) for h in spec["heads"]}
        lexicons = {name: lexicon(left.pop(f"lexicon/{name}")) for name in spec["lexicons"]}
        cue_heads = {h["name"].removeprefix("cue_"): _head(h, terms, left) for h in spec["cues"]}
        cues = CueModel(lexicons.pop("cues"), cue_heads) if cue_heads else None
        reference = _numbers("reference", left.pop("reference"))
        facts = dict(spec["facts"])
        for one in (*trained.values(), *cue_heads.values()):
            _check_reading(one, lexicons)
            if not engine:
                _check_numbers(one)
    except ModelFormatError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ModelFormatError(f"The model's specification and tensors do not fit: {error!r}.") from None
    if left:
        raise ModelFormatError(f"The model file holds tensors that nothing uses: {', '.join(left)}.")
    engine = engine and replace(engine, parts=(trained, cues, lexicons, reference))
    return Model(name, trained, cues, lexicons, reference, facts, card, digest, engine)


def _raised(spec: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a file of format 1, which has a list of terms for each head, as those of today."""
    left = dict(tensors)
    names = [head["name"] for head in [*spec["heads"], *spec["cues"]]]
    terms = {name: _lines(left.pop(f"{name}/terms")) for name in names}
    made = tree.plant(chain.from_iterable(terms.values()))
    for name in names:
        order = sorted(range(len(terms[name])), key=lambda row: made.nodes[terms[name][row]])
        if len(set(terms[name])) != len(order):
            raise ModelFormatError(f"Head {name!r}: its terms do not fit, for one stands twice.")
        for part in ("idf", "coef"):
            kind, data = left[f"{name}/{part}"]
            left[f"{name}/{part}"] = kind, memoryview(_reordered(kind, data, order))
    return left | {name: (KINDS[kind], memoryview(data)) for name, (kind, data) in _planted(made, terms).items()}


def _reordered(kind: str, data: memoryview, order: Sequence[int]) -> bytes:
    """Rows of numbers, each put into the order of the tree."""
    n, width = len(order), struct.calcsize(kind)
    if len(data) % (n * width or 1):
        raise ModelFormatError(f"{n} terms and {len(data) // width} numbers do not fit.")
    starts = range(0, len(data), n * width) if n else ()
    return b"".join(data[start + row * width : start + (row + 1) * width] for start in starts for row in order)


def _terms_of(pieces: Tensor, shape: Tensor, steps: Tensor) -> Terms:
    """The terms of all heads, which are read when a head first asks."""
    return Terms(lambda: (_lines(pieces), _bytes(shape), _bytes(steps)))


def _bytes(tensor: Tensor) -> memoryview:
    if tensor[0] != "B":
        raise ModelFormatError("A part of the terms is no bytes.")
    return tensor[1]


def _check_reading(head: Head, lexicons: Mapping[str, Lexicon]) -> None:
    """`ModelFormatError` for what the golden texts may not show: families that no stream of the level has, other labels of sentences."""
    others = {"cue": ("context",), "sentence": ("cues",)}.get(head.level, ())
    odd = [name for name in head.families if name not in others and (head.level == "cue" or not is_family(name, lexicons))]
    if odd:
        raise ModelFormatError(f"Head {head.name!r} counts {odd[0]!r:.60}, which a text of its level has not.")
    if head.level in ("sentence", "author") and head.labels != ("plain", head.name):  # rates count the sentences under its name
        raise ModelFormatError(f"Head {head.name!r} must have the labels plain and {head.name}. Got {head.labels!r:.60}.")


def _lexicon(blob: Tensor) -> Lexicon:
    return Lexicon(_terms(blob))


def _lexicon_later(blob: Tensor) -> Lexicon:
    """Likewise for a lexicon."""
    return LexiconLater(lambda: _terms(blob))


def _head(spec: Mapping[str, Any], terms: Terms, tensors: dict[str, Tensor]) -> Head:
    """A head, whose weights are read when they are first asked for: the kernel has its own."""
    parts = [tensors.pop(f"{spec['name']}/{part}") for part in ("known", "idf", "coef", "intercept")]
    linear = LinearOfTree(terms, lambda: _weights(spec["name"], terms, *parts))
    labels, families, thresholds = (tuple(spec[name]) for name in ("labels", "families", "thresholds"))
    return Head(spec["name"], spec["level"], labels, families, linear, thresholds, bool(spec["several"]))


def _weights(name: str, terms: Terms, marks: Tensor, *tensors: Tensor) -> Numbers:
    nodes = terms.known(_bytes(marks))
    idf, coef, intercept = (_numbers(name, tensor) for tensor in tensors)
    n, k = len(nodes), len(intercept)
    if len(idf) != n or len(coef) != n * k:
        raise ModelFormatError(f"Head {name!r}: {n} terms, {len(idf)} idf, {len(coef)} coefficients and {k} intercepts do not fit.")
    return Numbers(nodes, idf, [coef[i * n : (i + 1) * n] for i in range(k)], intercept)


def _check_numbers(head: Head) -> None:
    """`ModelFormatError` where labels, thresholds and weights do not fit."""
    name, labels, several, thresholds = head.name, head.labels, head.several, head.thresholds
    rows = len(labels) if several or len(labels) > 2 else 1
    if len(set(labels)) != len(labels) or len(labels) < 2 - several or not all(isinstance(label, str) for label in labels):
        raise ModelFormatError(f"Head {name!r} needs two labels or more, each once. Got {labels!r:.60}.")
    if (found := len(head.linear.intercept)) != rows or head.level not in LEVELS:
        raise ModelFormatError(f"Head {name!r}: {found} intercepts and {len(labels)} labels at {head.level!r:.20} do not fit.")
    if len(thresholds) != (len(labels) if several else 1) or not all(0 <= t <= 1 for t in thresholds):
        raise ModelFormatError(f"Head {name!r} needs thresholds of 0 to 1, one for each label. Got {thresholds!r:.60}.")


def _numbers(name: str, tensor: Tensor) -> tuple[float, ...]:
    """Numbers that are all finite and far from overflow."""
    kind, data = tensor
    numbers = struct.unpack(f"<{len(data) // struct.calcsize(kind)}{kind}", data)
    if kind == "B" or not math.isfinite(math.fsum(numbers)) or (any(numbers) and max(map(abs, numbers)) > 1e30):
        raise ModelFormatError(f"Head {name!r} holds numbers that are not finite, or no numbers.")
    return numbers


def _lines(blob: Tensor) -> list[str]:
    """The lines of a text whose beginnings were left out, as `_packed` does."""
    kind, data = blob
    if kind != "B":
        raise ModelFormatError("A list of terms is no text.")
    before, lines = "", []
    for line in bytes(data).decode("utf-8").split("\n") if data else ():
        before = before[: ord(line[0]) - ZERO] + line[1:]
        lines.append(before)
    return lines


def _terms(blob: Tensor) -> dict[str, str]:
    pairs = [line.split("\t") for line in _lines(blob)]
    if any(len(pair) != 2 for pair in pairs):
        raise ModelFormatError("A line of a lexicon is no term and category.")
    terms = {pair[0]: pair[1] for pair in pairs}
    if len(terms) != len(pairs):
        raise ModelFormatError("A lexicon holds a term twice.")
    return terms


def _check_golden(model: Model, spec: Mapping[str, Any]) -> None:
    """The scores of a few texts are those that were written."""
    try:
        seen = native.golden(model.engine, model, GOLDEN) if model.engine else _golden_pure(model)
        same = all(abs(a - b) <= 1e-6 for a, b in zip(seen, spec["golden"], strict=True))
    except FramingError:
        raise
    except Exception as error:  # a specification that parses and cannot run is a broken file, whatever it breaks
        raise ModelFormatError(f"The model cannot score: {error!r}.") from None
    if not same:
        raise ModelIntegrityError("The model's scores are not those that were written with it. Get the file again.")


def golden(model: Model) -> list[float]:
    """Scores of the golden texts under every head, feature by feature and in exact sums: the same bytes wherever a model is written."""
    scores: list[float] = []
    for text in GOLDEN:
        reading = model.read(text, target=(0, 12))
        for head in model.trained.values():
            scores += head.linear.scores(head.values(_golden_stream(model, reading, head)))
        for item in reading.found:
            assert model.cues is not None
            head, stream = model.cues.heads[item.group], context(reading.seen, item.candidate)
            scores.append(sigmoid(head.linear.scores(head.values(stream))[0]))
    return scores


def _golden_pure(model: Model) -> list[float]:
    """The same as the pure engine scores texts."""
    scores: list[float] = []
    for text in GOLDEN:
        reading = model.read(text, target=(0, 12))
        sheet = model.sheet(reading)
        for head in model.trained.values():
            scores += model.joint.decided(head, [sheet.row(_golden_stream(model, reading, head)).parts(head)])[0]
        scores += [item.probability for item in reading.found]
    return scores


def _golden_stream(model: Model, reading: Reading, head: Head) -> Stream:
    return model.article(reading) if head.level == "article" else model.sentence(reading, head, 0)


# Writing.


def dump(model: Model) -> bytes:
    """The bytes of a model file; the same model gives the same bytes."""
    spec, tensors = _written(model, tree.plant(_all_terms(model)))
    return _file(json.dumps(spec | {"golden": golden(model)}), tensors)


def in_kernel(models: Sequence[Model]) -> list[Model]:
    """Models as a file gives them, but for what only a file needs (bytes, golden scores): their terms are one tree, planted once."""
    made = tree.plant(chain.from_iterable(map(_all_terms, models)))
    read = []
    for model in models:
        spec, tensors = _written(model, made)
        read.append(build(spec, {key: (KINDS[kind], memoryview(data)) for key, (kind, data) in tensors.items()}, model.name, "", ""))
    return read


def _all_terms(model: Model) -> Iterator[str]:
    return chain.from_iterable(head.linear.vocabulary for head in _all_heads(model))


def _all_heads(model: Model) -> list[Head]:
    return [*model.trained.values(), *(model.cues.heads.values() if model.cues else ())]


def _written(model: Model, made: tree.Tree) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    """The specification and the tensors of a model whose terms stand in a tree."""
    heads, lexicons = _all_heads(model), {**model.lexicons, **({"cues": model.cues.lexicon} if model.cues else {})}
    tensors = _planted(made, {head.name: head.linear.vocabulary for head in heads})
    for head in heads:
        tensors |= _head_tensors(head, made.nodes)
    for name, lexicon in lexicons.items():
        tensors[f"lexicon/{name}"] = ("U8", _packed(f"{term}\t{value}" for term, value in lexicon.terms.items()))
    tensors["reference"] = _floats(model.reference)
    spec = {
        "format": FORMAT,
        "needs": SINCE,
        "heads": [_head_spec(head) for head in heads[: len(model.trained)]],
        "cues": [_head_spec(head) for head in heads[len(model.trained) :]],
        "lexicons": list(lexicons),
        "facts": dict(model.facts),
    }
    return spec, tensors


def _file(spec: str, tensors: Mapping[str, tuple[str, bytes]]) -> bytes:
    body = b"".join(data for _, data in tensors.values())
    entries: dict[str, Any] = {}
    at = 0
    for name, (kind, data) in tensors.items():
        entries[name] = {"dtype": kind, "shape": [len(data) // struct.calcsize(KINDS[kind])], "data_offsets": [at, at + len(data)]}
        at += len(data)
    meta = {"framing": spec, "sha256": _digest(spec, entries, body)}
    text = json.dumps({"__metadata__": meta, **entries}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER:
        raise ModelFormatError(f"The model's header would have {len(text):,} bytes (at most {MAX_HEADER:,}).")
    return len(text).to_bytes(8, "little") + text + body


def _head_spec(head: Head) -> dict[str, Any]:
    names = ("name", "level", "labels", "families", "thresholds", "several")
    return {name: getattr(head, name) for name in names}


def _planted(made: tree.Tree, terms: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, bytes]]:
    """The tensors of a tree, and of the terms in it that each head knows."""
    shared = dict(zip(TREE, (_packed(made.pieces), made.shape, made.steps), strict=True))
    known = {f"{name}/known": made.marks(own) for name, own in terms.items()}
    return {name: ("U8", data) for name, data in (shared | known).items()}


def _head_tensors(head: Head, nodes: Mapping[str, int]) -> dict[str, tuple[str, bytes]]:
    """The weights of a head, in the order of its terms in the tree."""
    linear = head.linear
    rows = [row for _, row in sorted((nodes[term], row) for term, row in linear.vocabulary.items())]
    parts = {
        "idf": _floats([linear.idf[row] for row in rows]),
        "coef": _floats([weights[row] for weights in linear.coef for row in rows]),
        "intercept": _floats(linear.intercept),
    }
    return {f"{head.name}/{part}": value for part, value in parts.items()}


def _packed(lines: Iterable[str]) -> bytes:
    """Lines without the beginning that each shares with the one before: its length stands first, as a character."""
    return "\n".join(_shortened(lines)).encode()


def _shortened(lines: Iterable[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        unlike = (k for k, (a, b) in enumerate(zip(before, line, strict=False)) if a != b or k == LONGEST_SHARED)
        shared = next(unlike, min(len(before), len(line), LONGEST_SHARED))
        yield chr(ZERO + shared) + line[shared:]
        before = line


def _floats(values: Sequence[float]) -> tuple[str, bytes]:
    """Numbers in the smallest kind that holds them exactly."""
    for kind in ("F16", "F32", "F64"):
        layout = f"<{len(values)}{KINDS[kind]}"
        try:
            data = struct.pack(layout, *values)
        except OverflowError:
            continue
        if struct.unpack(layout, data) == tuple(values):
            return kind, data
    raise ModelFormatError("The model holds numbers that are not finite. Train it anew.")
