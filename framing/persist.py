"""Models as files: a folder with `model.safetensors` and `README.md` (the card). Nothing on this path can run code.

The file is laid out as safetensors are: eight bytes of header length, a JSON header, the tensors. Our reader takes that
and no more: five steps, each of which refuses what it does not expect. `FORMAT` numbers the contents. Raise it when an
older framing would misread a new file; keep a file of each earlier number in tests/files, and read it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from framing.cues import CueModel
from framing.errors import FramingError, ModelFormatError, ModelIntegrityError, ModelNotFound
from framing.heads import LEVELS, Head
from framing.lexicon import Lexicon
from framing.linear import Linear
from framing.model import Model

FORMAT = 1
FILE, CARD, DEFAULT = "model.safetensors", "README.md", "news-en"
MAX_HEADER = 64 * 1024
MAX_FILE = 512 * 1024 * 1024
SIZES = {"U8": 1, "F32": 4, "F64": 8}
GOLDEN = (
    "He has purportedly empowered aides, per reporting from the Daily Post, and may be planning a possibly less legal turn.",
    "The shameless council has once again betrayed the people it claims to serve, and nobody at the town hall is surprised any more by its lies.",
    "The committee voted 12 to 9 on Tuesday to send the bill to the floor, and the governor said she will sign it if it passes before June.",
)
"""Texts whose scores are written with a model and checked when it is loaded."""


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
    folder = find(name)
    data = _read(folder / FILE)
    digest = hashlib.sha256(data).hexdigest()
    if sha256 is not None and digest != sha256.lower():
        raise ModelIntegrityError(f"{folder / FILE} has SHA-256 {digest}, but sha256={sha256!r} was asked for. Get the file again, or change the pin.")
    spec, tensors = parse(data)
    model = build(spec, tensors, folder.name, digest, _card(folder))
    _check_golden(model, spec)
    return model


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
    folder = Path(name)
    if (folder / FILE).is_file():
        return folder
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

    folder.mkdir(parents=True, exist_ok=True)
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
    path = folder / CARD
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


# Reading, step by step.


def parse(data: bytes) -> tuple[dict[str, Any], dict[str, memoryview]]:
    """The specification and the tensors of a model file."""
    header, body = _header(data)
    meta = header.pop("__metadata__", None)
    if not isinstance(meta, dict) or set(meta) != {"framing", "sha256"} or not all(isinstance(v, str) for v in meta.values()):
        raise ModelFormatError("This safetensors file was not written by framing: its metadata are others. Train a model with framing train.")
    tensors = _tensors(header, body)
    spec = _spec(meta["framing"])
    if hashlib.sha256(meta["framing"].encode() + bytes(body)).hexdigest() != meta["sha256"]:
        raise ModelIntegrityError("The model's bytes are not those that were written. Get the file again.")
    return spec, tensors


def _header(data: bytes) -> tuple[dict[str, Any], memoryview]:
    if data[:2] in (b"\x80\x04", b"\x80\x05", b"\x80\x03", b"\x80\x02", b"PK"):
        raise ModelFormatError("This is a pickle or zip file. It was not opened: such files can run code. framing reads its own safetensors only.")
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > MAX_HEADER or 8 + size > len(data):
        raise ModelFormatError(f"This is no model file: a header of {size:,} bytes in a file of {len(data):,} (at most {MAX_HEADER:,}).")
    try:
        header = json.loads(data[8 : 8 + size].decode("utf-8"), object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as error:
        raise ModelFormatError(f"The model's header is no JSON object without repeated keys: {error}.") from None
    if not isinstance(header, dict):
        raise ModelFormatError("The model's header is no JSON object.")
    return header, memoryview(data)[8 + size :]


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _tensors(header: Mapping[str, Any], body: memoryview) -> dict[str, memoryview]:
    """Tensors that fill the body exactly, in order, without gap or overlap."""
    at, made = 0, {}
    for name, entry in header.items():
        kind, shape, low, high = _entry(name, entry)
        count = 1
        for n in shape:
            count *= n
        if low != at or high - low != count * SIZES[kind] or high > len(body):
            raise ModelFormatError(f"Tensor {name!r} lies about its place: {low}-{high} for {count} of {kind}, where {at} comes next of {len(body)} bytes.")
        made[name] = body[low:high] if kind == "U8" else body[low:high].cast("f" if kind == "F32" else "d")
        at = high
    if at != len(body):
        raise ModelFormatError(f"The model file holds {len(body) - at} bytes that belong to no tensor.")
    return made


def _entry(name: str, entry: Any) -> tuple[str, list[int], int, int]:
    whole = isinstance(entry, dict) and set(entry) == {"dtype", "shape", "data_offsets"} and entry["dtype"] in SIZES
    if whole:
        shape, offsets = entry["shape"], entry["data_offsets"]
        numbers = [*shape, *offsets] if isinstance(shape, list) and isinstance(offsets, list) and len(offsets) == 2 else [None]
        if all(type(n) is int and 0 <= n <= MAX_FILE for n in numbers):
            return entry["dtype"], shape, offsets[0], offsets[1]
    raise ModelFormatError(f"Tensor {name!r} is not described as safetensors are (dtype of {', '.join(SIZES)}, shape, data_offsets).")


def _spec(text: str) -> dict[str, Any]:
    try:
        spec = json.loads(text, object_pairs_hook=_no_twins)
        version = spec["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ModelFormatError("The model's specification is no JSON object with a format.") from None
    if version != FORMAT:
        needs = f"a newer framing (format {version}, this one reads {FORMAT}): pip install -U framing-news"
        raise ModelFormatError(f"The model needs {needs}.")
    return dict(spec)


def build(spec: Mapping[str, Any], tensors: Mapping[str, memoryview], name: str, digest: str, card: str) -> Model:
    """The model that a specification and its tensors describe."""
    left = dict(tensors)
    try:
        trained = {h["name"]: _head(h, left) for h in spec["heads"]}
        lexicons = {name: Lexicon(_terms(left.pop(f"lexicon/{name}"))) for name in spec["lexicons"]}
        cue_heads = {h["name"].removeprefix("cue_"): _head(h, left) for h in spec["cues"]}
        cues = CueModel(lexicons.pop("cues"), cue_heads) if cue_heads else None
        reference = _numbers("reference", left.pop("reference"))
        facts = dict(spec["facts"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFormatError(f"The model's specification and tensors do not fit: {error!r}.") from None
    if left:
        raise ModelFormatError(f"The model file holds tensors that nothing uses: {', '.join(left)}.")
    return Model(name, trained, cues, lexicons, tuple(reference), facts, card, digest)


def _head(spec: Mapping[str, Any], tensors: dict[str, memoryview]) -> Head:
    name, labels = spec["name"], tuple(spec["labels"])
    terms = _lines(tensors.pop(f"{name}/terms"))
    idf, coef, intercept = (_numbers(name, tensors.pop(f"{name}/{part}")) for part in ("idf", "coef", "intercept"))
    n, k = len(terms), len(intercept)
    vocabulary = dict(zip(terms, range(n), strict=True))
    several = bool(spec["several"])
    rows = len(labels) if several or len(labels) > 2 else 1
    if len(vocabulary) != n or len(idf) != n or len(coef) != n * k or k != rows or spec["level"] not in LEVELS:
        raise ModelFormatError(f"Head {name!r}: {n} terms, {len(idf)} idf, {len(coef)} coefficients, {k} intercepts and {len(labels)} labels do not fit.")
    thresholds = tuple(float(t) for t in spec["thresholds"])
    if len(thresholds) != (len(labels) if several else 1):
        raise ModelFormatError(f"Head {name!r} has {len(thresholds)} thresholds for {len(labels)} labels.")
    linear = Linear(vocabulary, idf, [coef[i * n : (i + 1) * n] for i in range(k)], intercept)
    return Head(name, spec["level"], labels, tuple(spec["families"]), linear, thresholds, several)


def _numbers(name: str, numbers: memoryview) -> Sequence[float]:
    """Numbers that are all finite: the sum of squares of halves is."""
    values: list[float] = numbers.tolist()
    if not all(-1e30 < value < 1e30 for value in values):
        raise ModelFormatError(f"Head {name!r} holds numbers that are not finite.")
    return values


def _lines(blob: memoryview) -> list[str]:
    text = bytes(blob).decode("utf-8")
    return text.split("\n") if text else []


def _terms(blob: memoryview) -> dict[str, str]:
    return dict(line.split("\t") for line in _lines(blob))  # type: ignore[misc]


def _check_golden(model: Model, spec: Mapping[str, Any]) -> None:
    """The scores of a few texts are those that were written."""
    try:
        seen = golden(model)
    except FramingError:
        raise
    except Exception as error:  # a specification that parses and cannot run is a broken file, whatever it breaks
        raise ModelFormatError(f"The model cannot score: {error!r}.") from None
    if len(seen) != len(spec["golden"]) or any(abs(a - b) > 1e-6 for a, b in zip(seen, spec["golden"], strict=True)):
        raise ModelIntegrityError("The model's scores are not those that were written with it. Get the file again.")


def golden(model: Model) -> list[float]:
    """Scores of the golden texts under every head."""
    scores = []
    for text in GOLDEN:
        reading = model.read(text, target=(0, 12))
        stream = model.article(reading)
        for head in model.trained.values():
            here = stream if head.level == "article" else model.sentence(reading, head, 0)
            scores += head.linear.scores(head.values(here))
        scores += [item.probability for item in reading.found]
    return scores


# Writing.


def dump(model: Model) -> bytes:
    """The bytes of a model file; the same model gives the same bytes."""
    heads, cues = list(model.trained.values()), list(model.cues.heads.values()) if model.cues else []
    lexicons = {**model.lexicons, **({"cues": model.cues.lexicon} if model.cues else {})}
    tensors: dict[str, tuple[str, bytes]] = {}
    for head in [*heads, *cues]:
        tensors |= _head_tensors(head)
    for name, lexicon in lexicons.items():
        tensors[f"lexicon/{name}"] = ("U8", "\n".join(f"{term}\t{value}" for term, value in lexicon.terms.items()).encode())
    tensors["reference"] = _floats("F32", model.reference)
    spec = {
        "format": FORMAT,
        "heads": [_head_spec(head) for head in heads],
        "cues": [_head_spec(head) for head in cues],
        "lexicons": list(lexicons),
        "facts": dict(model.facts),
        "golden": golden(model),
    }
    return _file(json.dumps(spec), tensors)


def _file(spec: str, tensors: Mapping[str, tuple[str, bytes]]) -> bytes:
    body = b"".join(data for _, data in tensors.values())
    header: dict[str, Any] = {"__metadata__": {"framing": spec, "sha256": hashlib.sha256(spec.encode() + body).hexdigest()}}
    at = 0
    for name, (kind, data) in tensors.items():
        header[name] = {"dtype": kind, "shape": [len(data) // SIZES[kind]], "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER:
        raise ModelFormatError(f"The model's header would have {len(text):,} bytes (at most {MAX_HEADER:,}).")
    return len(text).to_bytes(8, "little") + text + body


def _head_spec(head: Head) -> dict[str, Any]:
    names = ("name", "level", "labels", "families", "thresholds", "several")
    return {name: getattr(head, name) for name in names}


def _head_tensors(head: Head) -> dict[str, tuple[str, bytes]]:
    linear = head.linear
    parts = {
        "terms": ("U8", "\n".join(linear.vocabulary).encode()),
        "idf": _floats("F32", linear.idf),
        "coef": _floats("F32", [value for row in linear.coef for value in row]),
        "intercept": _floats("F64", linear.intercept),
    }
    # Doubles first would be aligned; the reader does not need alignment, so the order is the order of reading.
    return {f"{head.name}/{part}": value for part, value in parts.items()}


def _floats(kind: str, values: Sequence[float]) -> tuple[str, bytes]:
    import array

    return kind, array.array("f" if kind == "F32" else "d", values).tobytes()
