"""The model file. Numbers in names and comments are those of bad_inputs.md."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import re
import shutil
import struct
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slices import SMALL, small_model

import framing
from framing import engine, persist
from framing.errors import FramingError, InputError, ModelFormatError, ModelIntegrityError, ModelNotFound, OutputError
from framing.heads import Head
from framing.linear import Linear
from framing.model import Model

DATA = (SMALL / persist.FILE).read_bytes()
BROKEN = (ModelFormatError, ModelIntegrityError)
TEXT = (
    "The mayor may resign on Friday, her office said, and nobody in the shameless town hall seemed to be surprised by it. "
    "Some critics say that about 400 people allegedly signed the petition."
)
SCORES = json.loads((SMALL / "scores.json").read_text(encoding="utf-8"))
"""What the framing that wrote the file said of the golden texts."""


@pytest.fixture
def small() -> Model:
    return small_model()


def read(data: bytes) -> Model:
    """A model from bytes, checked as `load` does."""
    spec, tensors = persist.parse(data)
    model = persist.build(spec, tensors, "small", hashlib.sha256(data).hexdigest(), "")
    persist._check_golden(model, spec)
    return model


def folder_of(folder: Path, data: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / persist.FILE).write_bytes(data)
    return folder


def taken_apart(data: bytes = DATA) -> tuple[dict[str, Any], bytes]:
    """Header and body of the small model."""
    size = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def put_together(header: dict[str, Any], body: bytes, sums: bool = True) -> bytes:
    """A file of a header and a body; with `sums` its hash is right, as a careful forger leaves it."""
    if sums:
        meta = header["__metadata__"]
        entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
        header = {"__metadata__": {**meta, "sha256": persist._digest(meta["framing"], entries, body)}, **entries}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def with_spec(**changes: Any) -> bytes:
    header, body = taken_apart()
    spec = json.loads(header["__metadata__"]["framing"]) | changes
    header["__metadata__"]["framing"] = json.dumps(spec)
    return put_together(header, body)


def with_tensor(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The small model with one tensor of the same length changed, and right sums."""
    header, body = taken_apart()
    low, high = header[name]["data_offsets"]
    changed = change(body[low:high])
    assert len(changed) == high - low
    return put_together(header, body[:low] + changed + body[high:])


def tiny(**changes: Any) -> Head:
    linear = Linear({"good": 0, "bad": 1, "ugly one": 2}, [1.0, 1.5, 2.0], [[0.5, -1.0, 3.25]], [0.125])
    return replace(Head("own", "article", ("a", "b"), ("words:1-2",), linear), **changes)


# Round trips.


def test_reading_and_writing_give_the_same_bytes(small: Model) -> None:
    assert persist.dump(small) == DATA
    assert persist.dump(read(DATA)) == persist.dump(small)


def test_a_saved_model_is_the_same_model(small: Model, tmp_path: Path) -> None:
    again = persist.load(small.save(tmp_path / "there"))
    assert (again.trained, again.cues, again.lexicons, again.reference) == (small.trained, small.cues, small.lexicons, small.reference)
    assert again.digest == small.digest
    assert replace(again.classify(TEXT), model="") == replace(small.classify(TEXT), model="")


def test_the_card_names_the_hash_of_the_file(small: Model, tmp_path: Path) -> None:
    replace(small, card="SHA-256 {digest}").save(tmp_path)
    assert (tmp_path / persist.CARD).read_text() == f"SHA-256 {hashlib.sha256(DATA).hexdigest()}"
    assert persist.load(tmp_path).card.endswith(small.digest)


@pytest.mark.parametrize(
    ("values", "kind"),
    [([0.5, -1.25], "F16"), ([0.1], "F64"), ([struct.unpack("f", struct.pack("f", 0.1))[0]], "F32"), ([70000.0], "F32"), ([], "F16")],
)
def test_numbers_are_kept_exactly_in_the_smallest_kind(values: list[float], kind: str) -> None:
    stored, data = persist._floats(values)
    assert stored == kind
    assert list(struct.unpack(f"<{len(values)}{persist.KINDS[kind]}", data)) == values


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=120), max_size=20))
def test_lines_are_packed_without_loss(lines: list[str]) -> None:
    assert persist._lines(("B", memoryview(persist._packed(lines)))) == lines


def test_any_numbers_of_a_model_survive() -> None:
    linear = Linear({"good": 0}, [1 / 3], [[1e-9], [2 / 3], [-5e7]], [0.1, 0.2, 0.3])
    model = Model("m", {"own": tiny(labels=("a", "b", "c"), linear=linear)})
    made = read(persist.dump(model)).trained["own"].linear
    assert (list(made.idf), [list(row) for row in made.coef], list(made.intercept)) == (linear.idf, linear.coef, linear.intercept)


def test_several_labels_of_one_model() -> None:
    linear = Linear({"good": 0}, [1.0], [[0.5], [2.0]], [0.0, 1.0])
    head = tiny(linear=linear, several=True, thresholds=(0.25, 0.75))
    assert read(persist.dump(Model("m", {"own": head}))).trained["own"].thresholds == (0.25, 0.75)


def test_a_model_is_written_into_a_folder_of_folders_under_two_names(small: Model, tmp_path: Path) -> None:
    folder = small.save(tmp_path / "a" / "b")
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "model.safetensors"]


def test_what_cannot_be_written_is_told_before_the_work(small: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / persist.FILE).mkdir()
    monkeypatch.setattr(persist, "dump", lambda model: pytest.fail("worked first"))
    with pytest.raises(OutputError):
        small.save(tmp_path)


def test_the_bytes_go_along_where_the_kernel_reads_them() -> None:
    assert persist.load(SMALL).data == (DATA if engine() == "native" else b"")


def test_a_card_is_text_whatever_its_bytes_and_may_be_absent(tmp_path: Path) -> None:
    assert persist.load(folder_of(tmp_path, DATA)).card == ""
    (tmp_path / persist.CARD).write_bytes(b"caf\xc3\xa9 \xff")
    assert persist.load(tmp_path).card == "caf\u00e9 \ufffd"


def test_a_card_without_end_is_read_to_a_mebibyte(tmp_path: Path) -> None:
    (folder_of(tmp_path, DATA) / persist.CARD).write_bytes(b"a" * ((1 << 20) + 9))
    assert len(persist.load(tmp_path).card) == 1 << 20


def test_what_the_system_refuses_is_told_with_its_reason(small: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be made: Not a directory"):
        small.save(tmp_path / "file" / "folder")
    with pytest.raises(ModelNotFound, match="cannot be read: File name too long"):
        persist.load("x" * 5000)
    with pytest.raises(ModelNotFound, match="cannot be read: No such file"):
        persist._read(tmp_path / persist.FILE)
    monkeypatch.setattr(persist, "find", lambda name: tmp_path)
    with pytest.raises(ModelNotFound, match="cannot be read: No such file"):
        persist.default()


def test_a_card_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder_of(tmp_path, DATA) / persist.CARD).write_bytes(b"")
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode: (tmp_path / "gone").stat() if path.name == persist.CARD else opened(path, mode))
    with pytest.raises(ModelNotFound, match=f"{persist.CARD} cannot be read: No such file"):
        persist.load(tmp_path)


def test_names_and_pins_of_other_types_are_refused() -> None:
    with pytest.raises(InputError, match="A model must be a name or a folder, got int"):
        persist.find(3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="sha256 must be str, got bytes"):
        persist.load(SMALL, sha256=b"00")  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [DATA, (SMALL.parent / "model-format-1" / persist.FILE).read_bytes()], ids=["format 2", "format 1"])
def test_tensors_can_be_built_from_twice(data: bytes) -> None:
    spec, tensors = persist.parse(data)
    assert persist.build(spec, tensors, "m", "", "").trained == persist.build(spec, tensors, "m", "", "").trained


def test_a_header_ends_where_it_says() -> None:
    header = {"__metadata__": {"framing": '{"format": 2}'}, "x": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}}
    spec, tensors = persist.parse(put_together(header, b"\xff}"))
    assert (spec, bytes(tensors["x"][1])) == ({"format": 2}, b"\xff}")


def test_numbers_are_put_in_another_order_or_do_not_fit() -> None:
    assert persist._reordered("f", memoryview(b"aaaabbbbccccdddd"), [1, 0]) == b"bbbbaaaaddddcccc"
    assert persist._reordered("f", memoryview(b""), []) == b""
    with pytest.raises(ModelFormatError, match="2 terms and 3 numbers do not fit"):
        persist._reordered("f", memoryview(b"aaaabbbbcccc"), [1, 0])


def test_lines_share_94_characters_at_the_most_so_that_their_number_can_be_printed() -> None:
    assert persist._packed(["a" * 100, "a" * 100]) == b" " + b"a" * 100 + b"\n~" + b"a" * 6
    assert persist._packed(["a" * 93 + "b", "a" * 94]) == b" " + b"a" * 93 + b"b\n}a"


def test_the_size_of_the_kept_file() -> None:
    assert sum(path.stat().st_size for path in SMALL.iterdir()) < 50_000


# 46: no model there.


def test_bad_input_46_missing_names_the_name_and_where_it_was_looked_for() -> None:
    with pytest.raises(ModelNotFound, match=r"No model named 'news-fr'\. Looked in .*trained.* Installed: .*news-en"):
        persist.load("news-fr")


def test_bad_input_46_a_folder_without_a_model_names_the_path(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"holds no model\.safetensors") as caught:
        persist.load(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_bad_input_46_an_empty_file_names_the_path(tmp_path: Path) -> None:
    with pytest.raises(ModelFormatError) as caught:
        persist.load(folder_of(tmp_path, b""))
    assert str(tmp_path / persist.FILE) in str(caught.value)


def test_models_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SMALL, tmp_path / "mine")
    monkeypatch.setenv("FRAMING_MODELS", str(tmp_path))
    assert persist.installed()["mine"] == tmp_path / "mine"
    assert persist.load("mine").id == f"mine@{hashlib.sha256(DATA).hexdigest()[:8]}"


def test_models_are_looked_for_where_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path(persist.__file__).resolve().parent
    own = [package / "trained", package.parent / "trained"]
    monkeypatch.delenv("FRAMING_MODELS", raising=False)
    assert persist.places() == own
    monkeypatch.setenv("FRAMING_MODELS", os.pathsep.join(["", str(tmp_path), "", "b"]))
    assert persist.places() == [tmp_path, Path("b"), *own]
    with pytest.raises(ModelNotFound, match=re.escape(f"Looked in {tmp_path}, b, {own[0]}, {own[1]}. Installed: ")):
        persist.load("news-fr")


def test_the_default_is_news_en_and_a_path_serves_as_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SMALL, tmp_path / "news-en")
    monkeypatch.setenv("FRAMING_MODELS", str(tmp_path))
    assert persist.load().id == persist.load(Path("news-en")).id == f"news-en@{hashlib.sha256(DATA).hexdigest()[:8]}"


def test_the_default_is_read_once_until_its_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / persist.DEFAULT
    shutil.copytree(SMALL, folder)
    monkeypatch.setenv("FRAMING_MODELS", str(tmp_path))
    first = framing.load()
    assert isinstance(first, Model)
    assert framing.load() is first and framing.load(folder) is not first
    os.utime(folder / persist.FILE, ns=(1, 1))
    assert framing.load() is not first


def test_models_are_listed_in_the_order_of_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"model-{(n * 7) % 30:02}" for n in range(30)]
    for name in names:
        folder_of(tmp_path / name, b"")
    monkeypatch.setenv("FRAMING_MODELS", str(tmp_path))
    assert list(persist.installed())[:30] == sorted(names)


# 47: what could run code.


class Bomb:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> Any:
        return (Path.touch, (self.canary,))


def dangerous(canary: Path) -> dict[str, bytes]:
    packed, zipped, squeezed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    joblib.dump(Bomb(canary), packed)
    joblib.dump(Bomb(canary), squeezed, compress=3)
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Bomb(canary)))
    pickles = {f"pickle {protocol}": pickle.dumps(Bomb(canary), protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)}
    return {**pickles, "joblib": packed.getvalue(), "joblib, compressed": squeezed.getvalue(), "zip": zipped.getvalue()}


@pytest.mark.parametrize("kind", list(dangerous(Path("x"))))
def test_bad_input_47_pickle_joblib_and_zip_are_refused_and_nothing_runs(kind: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    data = dangerous(canary)[kind]
    known = data[:2] in {b"PK", *(bytes([0x80, protocol]) for protocol in range(2, 6))}
    with pytest.raises(ModelFormatError, match="It was not opened: such files can run code" if known else "no model file"):
        persist.load(folder_of(tmp_path / "model", data))
    (tmp_path / "m.joblib").write_bytes(data)
    with pytest.raises(ModelFormatError, match="pickle and joblib files are never read"):
        persist.load(tmp_path / "m.joblib")
    assert not canary.exists()
    if kind != "zip":
        joblib.load(tmp_path / "m.joblib")
        assert canary.exists(), "the canary would sing"


@pytest.mark.parametrize("length", [0x0480, 0x0580])
def test_bad_input_47_a_header_as_long_as_a_pickle_begins_is_read(length: int) -> None:
    def noted(n: int) -> bytes:
        return persist.dump(Model("m", {"own": tiny()}, facts={"note": "x" * n}))

    data = noted(length - int.from_bytes(noted(0)[:8], "little"))
    assert int.from_bytes(data[:8], "little") == length
    assert read(data).facts


# 48, 49, 50: lies about the form. Each forger here leaves right sums, so that the form itself is what is checked.


@pytest.mark.parametrize("keep", [0, 1, 7, 8, 9, 100, len(DATA) // 2, len(DATA) - 1])
def test_bad_input_48_truncated(keep: int) -> None:
    with pytest.raises(ModelFormatError):
        read(DATA[:keep])


def test_bad_input_48_trailing() -> None:
    with pytest.raises(ModelFormatError, match="3 bytes that belong to no tensor"):
        read(DATA + b"abc")
    header, body = taken_apart()
    with pytest.raises(ModelFormatError, match="belong to no tensor"):
        read(put_together(header, body + b"abc"))


def test_bad_input_48_a_header_ends_with_the_file_and_at_64_kib() -> None:
    for size in (len(DATA) - 7, len(DATA), persist.MAX_HEADER + 1):
        with pytest.raises(ModelFormatError, match="no model file"):
            read(size.to_bytes(8, "little") + DATA[8:])
    header, body = taken_apart()
    text = json.dumps(header).encode().ljust(persist.MAX_HEADER)
    assert read(len(text).to_bytes(8, "little") + text + body).heads


def test_bad_input_48_a_tensor_that_ends_beyond_the_file_is_named() -> None:
    header, body = taken_apart()
    name, entry = max(header.items(), key=lambda item: item[1].get("data_offsets", [0, 0])[1])
    low, high = entry["data_offsets"]
    header[name] = entry | {"shape": [entry["shape"][0] + 1], "data_offsets": [low, high + (high - low) // entry["shape"][0]]}
    with pytest.raises(ModelFormatError, match=f"{name}' lies about its place"):
        read(put_together(header, body))


def test_bad_input_48_a_file_longer_than_a_model_may_be_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / persist.FILE).open("wb") as stream:
        stream.truncate((512 << 20) + 1)  # a hole, which takes no room
    with pytest.raises(ModelFormatError, match="has 536,870,913 bytes; a model has at most 536,870,912"):
        persist.load(tmp_path)
    for limit, fits in ((len(DATA), True), (len(DATA) - 1, False)):
        monkeypatch.setattr(persist, "MAX_FILE", limit)
        if fits:
            persist.load(SMALL)
        else:
            with pytest.raises(ModelFormatError, match="a model has at most"):
                persist.load(SMALL)


def lies() -> dict[str, Callable[[dict[str, Any]], Any]]:
    """Ways to change the entry of a tensor (F16, with `n` numbers)."""
    return {
        "overlapping": lambda e: e | {"data_offsets": [e["data_offsets"][0] - 2, e["data_offsets"][1] - 2]},
        "a gap": lambda e: e | {"data_offsets": [e["data_offsets"][0] + 2, e["data_offsets"][1] + 2]},
        "beyond the end": lambda e: e | {"data_offsets": [e["data_offsets"][0], 1 << 28], "shape": [(1 << 28) - e["data_offsets"][0]]},
        "backwards": lambda e: e | {"data_offsets": e["data_offsets"][::-1]},
        "negative": lambda e: e | {"shape": [-1]},
        "one more": lambda e: e | {"shape": [e["shape"][0] + 1]},
        "two dimensions": lambda e: e | {"shape": [e["shape"][0], 1]},
        "no dimension": lambda e: e | {"shape": []},
        "a number for a shape": lambda e: e | {"shape": e["shape"][0]},
        "a number for a place": lambda e: e | {"data_offsets": e["data_offsets"][0]},
        "no place": lambda e: e | {"data_offsets": None},
        "huge": lambda e: e | {"shape": [1 << 62]},
        "a float": lambda e: e | {"shape": [float(e["shape"][0])]},
        "true": lambda e: e | {"data_offsets": [True, e["data_offsets"][1]]},
        "another kind": lambda e: e | {"dtype": "F32"},
        "an unknown kind": lambda e: e | {"dtype": "BF16"},
        "a list for a kind": lambda e: e | {"dtype": ["F16"]},
        "one key more": lambda e: e | {"note": 1},
        "one key less": lambda e: {"dtype": "F16", "shape": e["shape"]},
        "no object": lambda e: [1, 2],
        "null": lambda e: None,
    }


@pytest.mark.parametrize("lie", list(lies()))
@pytest.mark.parametrize("name", ["tone/idf", "cue_hedge/coef"])
def test_bad_input_48_lying_shapes(lie: str, name: str) -> None:
    header, body = taken_apart()
    header[name] = lies()[lie](header[name])
    with pytest.raises(ModelFormatError, match=name):
        read(put_together(header, body))


@pytest.mark.parametrize("size", [persist.MAX_HEADER + 1, 1 << 40, (1 << 64) - 1])
def test_bad_input_48_a_header_longer_than_the_file(size: int) -> None:
    with pytest.raises(ModelFormatError):
        read(size.to_bytes(8, "little") + DATA[8:])


def test_bad_input_49_duplicate_keys() -> None:
    header, body = taken_apart()
    text = json.dumps(header)
    twice = (text[:-1] + f', "tone/idf": {json.dumps(header["tone/idf"])}' + "}").encode()
    with pytest.raises(ModelFormatError, match="a key stands twice"):
        read(len(twice).to_bytes(8, "little") + twice + body)


def test_bad_input_49_a_header_over_64_kib() -> None:
    header, body = taken_apart()
    header["__metadata__"]["framing"] += " " * persist.MAX_HEADER
    with pytest.raises(ModelFormatError, match="at most 65,536"):
        read(put_together(header, body))


def test_bad_input_49_a_header_over_64_kib_is_not_written(small: Model) -> None:
    with pytest.raises(ModelFormatError, match="at most 65,536"):
        persist.dump(replace(small, facts={"note": "x" * persist.MAX_HEADER}))


def test_bad_input_49_extra_tensors() -> None:
    header, body = taken_apart()
    header["extra"] = {"dtype": "U8", "shape": [3], "data_offsets": [len(body), len(body) + 3]}
    with pytest.raises(ModelFormatError, match="nothing uses: extra"):
        read(put_together(header, body + b"abc"))


def test_bad_input_49_missing_tensors() -> None:
    header, body = taken_apart()
    name, entry = list(header.items())[-1]
    del header[name]
    with pytest.raises(ModelFormatError, match=name):
        read(put_together(header, body[: entry["data_offsets"][0]]))


@pytest.mark.parametrize("meta", [None, [], {}, {"framing": "{}"}, {"framing": 1, "sha256": "x"}, {"format": "pt"}])
def test_bad_input_49_metadata_of_others(meta: Any) -> None:
    header, body = taken_apart()
    with pytest.raises(ModelFormatError, match="not written by framing"):
        read(put_together(header | {"__metadata__": meta}, body, sums=False))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "1", "[" * 20_000, '{"a": NaN}', "\x00", '{"a": 1, "a": 1}'])
def test_bad_input_49_headers_that_are_no_object(text: str) -> None:
    with pytest.raises(ModelFormatError):
        read(len(text).to_bytes(8, "little") + text.encode())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["tone/idf", "tone/coef", "cue_hedge/coef", "frames/coef"])
def test_bad_input_50_numbers_that_are_not_finite(name: str, value: float) -> None:
    with pytest.raises(ModelFormatError, match=f"{name.split('/')[0]}' holds numbers that are not finite"):
        read(with_tensor(name, lambda data: struct.pack("<e", value) + data[2:]))


@pytest.mark.parametrize("value", [float("nan"), 1e31])
def test_bad_input_50_reference_news_that_are_not_finite_or_near_to_it(value: float) -> None:
    kind = persist.KINDS[taken_apart()[0]["reference"]["dtype"]]
    odd = struct.pack(f"<{kind}", value)
    with pytest.raises(ModelFormatError, match="'reference' holds numbers that are not finite"):
        read(with_tensor("reference", lambda data: odd + data[len(odd) :]))


def test_bad_input_50_numbers_that_are_not_finite_are_not_written() -> None:
    bad = tiny(linear=Linear({"good": 0}, [1.0], [[float("nan")]], [0.0]))
    with pytest.raises(ModelFormatError, match="not finite"):
        persist.dump(Model("m", {"own": bad}))


def test_bad_input_50_vocabulary_and_weights_disagree() -> None:
    with pytest.raises(ModelFormatError, match="do not fit"):  # no term is known
        read(with_tensor("tone/known", lambda data: bytes(len(data))))
    with pytest.raises(ModelFormatError, match="a beginning is no term"):
        read(with_tensor("tone/known", lambda data: bytes([data[0] | 2]) + data[1:]))
    with pytest.raises(ModelFormatError, match="other bits than nodes"):
        read(with_tensor("terms/shape", lambda data: data[:-1] + b"\xff"))


@pytest.mark.parametrize("name", ["terms/pieces", "terms/shape", "terms/steps", "tone/known"])
def test_bad_input_50_terms_that_are_no_text(name: str) -> None:
    with pytest.raises(ModelFormatError):
        read(with_tensor(name, lambda data: b"\xff" * len(data)))
    header, body = taken_apart()
    low, high = header[name]["data_offsets"]
    header[name] = {"dtype": "F16", "shape": [(high - low) // 2], "data_offsets": [low, high]}
    with pytest.raises(ModelFormatError):
        read(put_together(header, body))


def old_file(change: Callable[[bytes], bytes]) -> bytes:
    """The small model of format 1 with its first list of terms changed, in as many bytes."""
    header, body = taken_apart((SMALL.parent / "model-format-1" / persist.FILE).read_bytes())
    low, high = header["tone/terms"]["data_offsets"]
    return put_together(header, body[:low] + change(body[low:high]) + body[high:])


def test_bad_input_50_a_list_of_format_1_and_its_weights_disagree() -> None:
    with pytest.raises(ModelFormatError, match="do not fit"):
        read(old_file(lambda data: data.replace(b"\n", b"x", 1)))
    with pytest.raises(ModelFormatError, match="one stands twice"):  # the second line repeats the first
        read(old_file(twin))
    with pytest.raises(ModelFormatError):
        read(old_file(lambda data: b"\xff" + data[1:]))


def twin(data: bytes) -> bytes:
    """The first two lines made one and the same, in as many bytes."""
    first, second, rest = data.split(b"\n", 2)
    room = len(first) + len(second) - 1
    return b" " + b"z" * (room - 1) + b"\n" + chr(persist.ZERO + min(room - 1, 94)).encode() + b"\n" + rest


BAD_SPECS: dict[str, dict[str, Any]] = {
    "no heads": {"heads": None},
    "heads of text": {"heads": "tone"},
    "no lexicons": {"lexicons": 3},
    "no cues": {"cues": {}},
    "no golden scores": {"golden": None},
    "too few golden scores": {"golden": [0.0]},
    "golden text": {"golden": ["a"] * len(SCORES)},
    "facts": {"facts": 3},
    "what is no JSON": {"facts": {"note": float("nan")}},
}


@pytest.mark.parametrize("what", list(BAD_SPECS))
def test_bad_input_50_specifications_that_do_not_fit(what: str) -> None:
    with pytest.raises(BROKEN):
        read(with_spec(**BAD_SPECS[what]))


HEAD_LIES: list[dict[str, Any]] = [
    *({"level": "book"}, {"labels": ["a"]}, {"labels": ["a", "b", "c"]}, {"labels": 3}, {"families": ["unknown:1"]}, {"families": 3}),
    *({"families": ["words:x"]}, {"families": ["lexicon:nowhere"]}, {"thresholds": []}, {"thresholds": [2.0]}, {"thresholds": ["x"]}),
    *({"thresholds": None}, {"several": True}, {"name": "other"}, {"name": None}, {"labels": ["a", "a"]}, {"labels": ["a", 1]}),
]


@pytest.mark.parametrize("lie", HEAD_LIES, ids=str)
def test_bad_input_50_heads_that_do_not_fit(lie: dict[str, Any]) -> None:
    header, _ = taken_apart()
    heads = json.loads(header["__metadata__"]["framing"])["heads"]
    with pytest.raises(ModelFormatError):
        read(with_spec(heads=[heads[0] | lie, *heads[1:]]))


HEADS = {
    "an article of context": (0, {"families": ["context"]}, "counts 'context', which a text of its level has not"),
    "a sentence of context": (2, {"families": ["context"]}, "counts 'context', which a text of its level has not"),
    "an article of cues": (0, {"families": ["cues"]}, "counts 'cues', which a text of its level has not"),
    "another label of a sentence": (2, {"labels": ["plain", "other"]}, "must have the labels plain and vague"),
    "another label of what its author says": (4, {"labels": ["plain", "other"]}, "must have the labels plain and loaded"),
}


@pytest.mark.parametrize("what", HEADS)
def test_bad_input_50_heads_of_what_their_level_has_not(what: str) -> None:
    at, lie, told = HEADS[what]
    heads = json.loads(taken_apart()[0]["__metadata__"]["framing"])["heads"]
    with pytest.raises(ModelFormatError, match=told):
        read(with_spec(heads=[*heads[:at], heads[at] | lie, *heads[at + 1 :]]))


def test_bad_input_50_cues_of_what_a_context_has_not() -> None:
    cues = json.loads(taken_apart()[0]["__metadata__"]["framing"])["cues"]
    with pytest.raises(ModelFormatError, match="'cue_hedge' counts 'words:1-2', which a text of its level has not"):
        read(with_spec(cues=[cues[0] | {"families": ["words:1-2"]}, *cues[1:]]))


@pytest.mark.parametrize("threshold", [0, 1])
def test_a_threshold_may_be_nought_or_one(threshold: int) -> None:
    heads = json.loads(taken_apart()[0]["__metadata__"]["framing"])["heads"]
    assert read(with_spec(heads=[heads[0] | {"thresholds": [threshold]}, *heads[1:]])).trained["tone"].thresholds == (threshold,)


def test_bad_input_50_numbers_that_are_bytes() -> None:
    header, body = taken_apart()
    low, high = header["reference"]["data_offsets"]
    header["reference"] = {"dtype": "U8", "shape": [high - low], "data_offsets": [low, high]}
    with pytest.raises(ModelFormatError, match="'reference' holds numbers that are not finite, or no numbers"):
        read(put_together(header, body))


@pytest.mark.parametrize("by", [1.0, -1.0])
def test_bad_input_52_golden_scores_that_are_more_or_less_are_refused(by: float) -> None:
    golden = json.loads(taken_apart()[0]["__metadata__"]["framing"])["golden"]
    with pytest.raises(ModelIntegrityError, match="not those that were written"):
        read(with_spec(golden=[golden[0] + by, *golden[1:]]))


def test_bad_input_50_lists_of_terms_that_are_none() -> None:
    with pytest.raises(ModelFormatError, match="A list of terms is no text"):
        persist._lines(("e", memoryview(b"  ")))
    for lines, told in ((["may"], "no term and category"), (["may\ta", "may\tb"], "holds a term twice")):
        with pytest.raises(ModelFormatError, match=told):
            persist._terms(("B", memoryview(persist._packed(lines))))


def test_several_is_true_or_false() -> None:
    heads = json.loads(taken_apart()[0]["__metadata__"]["framing"])["heads"]
    loaded = read(with_spec(heads=[heads[0] | {"several": 0}, heads[1] | {"several": 1}, *heads[2:]])).trained
    assert loaded["tone"].several is False and loaded["frames"].several is True


def test_bad_input_48_a_tensor_of_another_kind_is_told_which_there_are() -> None:
    header, body = taken_apart()
    header["reference"]["dtype"] = "BF16"
    with pytest.raises(ModelFormatError, match=re.escape("(dtype of U8, F16, F32, F64; shape of one number; data_offsets)")):
        read(put_together(header, body))


# 51: a flipped bit. 52: weights edited with care.


def same_or_refused(data: bytes) -> bool:
    """Whether a changed file is refused; if it is not, it must score the same to the bit."""
    try:
        model = read(data)
    except BROKEN:
        return True
    assert persist.golden(model) == SCORES
    return False


def test_bad_input_51_a_flipped_bit_in_every_part_is_refused() -> None:
    # steps prime to 8 visit every tensor and every bit; the header, where the form is, is visited more closely
    size = 8 + int.from_bytes(DATA[:8], "little")
    places = [*range(8), *range(8, size, 7), *range(size, len(DATA), 251)]
    missed = [at for at in places if not same_or_refused(flipped(DATA, at, at % 8))]
    assert missed == []


def flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def test_bad_input_51_a_flipped_bit_of_a_weight_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelIntegrityError, match="not those that were written") as caught:
        persist.load(folder_of(tmp_path, flipped(DATA, len(DATA) - 5, 0)))
    assert str(tmp_path) in str(caught.value)


def test_bad_input_51_names_of_tensors_exchanged() -> None:
    header, body = taken_apart()
    text = json.dumps(header).replace("tone/idf", "@").replace("tone/coef", "tone/idf").replace("@", "tone/coef").encode()
    with pytest.raises(ModelIntegrityError):
        read(len(text).to_bytes(8, "little") + text + body)


def test_bad_input_52_the_golden_scores_betray_edited_weights() -> None:
    with pytest.raises(ModelIntegrityError, match="scores"):
        read(with_tensor("tone/coef", lambda data: bytes(len(data))))


def test_bad_input_52_a_pin_betrays_any_edit(tmp_path: Path) -> None:
    digest = hashlib.sha256(DATA).hexdigest()
    assert persist.load(SMALL, sha256=digest).digest == digest
    assert persist.load(SMALL, sha256=digest.upper()).digest == digest
    edited = with_spec(facts={"heads": {}, "corpora": {}, "note": "edited, with right sums"})
    assert persist.load(folder_of(tmp_path, edited)).facts["note"]
    with pytest.raises(ModelIntegrityError, match="Get the file again, or change the pin"):
        persist.load(tmp_path, sha256=digest)


def test_bad_input_52_golden_scores_are_compared_whenever_a_model_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(ModelIntegrityError, match="scores are not those"):
        persist.load(folder_of(tmp_path, with_tensor("tone/coef", lambda data: bytes(len(data)))))


# 53: other formats.


def test_bad_input_53_a_newer_format_says_what_it_needs() -> None:
    with pytest.raises(ModelFormatError, match=r"needs framing >= 7\.1: .*pip install -U framing-news"):
        read(with_spec(format=persist.FORMAT + 1, needs="7.1", heads="in a form not thought of"))


def test_bad_input_53_what_a_newer_format_needs_is_text_of_twenty_characters_at_the_most() -> None:
    for needs, told in (("9" * 30, f">= {'9' * 20}: its"), (7, ">= 7: its")):
        with pytest.raises(ModelFormatError, match=told):
            read(with_spec(format=persist.FORMAT + 1, needs=needs))


@pytest.mark.parametrize("text", ["[]", "7", "null", "[[1]]"])
def test_bad_input_50_a_specification_that_is_no_object(text: str) -> None:
    header, body = taken_apart()
    header["__metadata__"]["framing"] = text
    with pytest.raises(ModelFormatError):
        read(put_together(header, body))


@pytest.mark.parametrize("number", [0, -1, "1", 1.0, True, None, [1]])
def test_bad_input_53_a_format_that_is_no_number(number: Any) -> None:
    with pytest.raises(ModelFormatError, match="no format number"):
        read(with_spec(format=number))


def test_bad_input_53_every_older_format_loads_and_scores_the_same() -> None:
    kept = sorted(path.name for path in SMALL.parent.glob("model-format-*"))
    assert kept == [f"model-format-{number}" for number in range(1, persist.FORMAT + 1)]
    for name in kept:
        folder = SMALL.parent / name
        model = persist.load(folder)
        assert persist.golden(model) == pytest.approx(json.loads((folder / "scores.json").read_text(encoding="utf-8")), abs=1e-6)
        assert persist.dump(model) == DATA, "a file of an older format is written in the form of today"


# 54: replaced while it is loaded.


def test_bad_input_54_the_old_or_the_new_never_a_mix(tmp_path: Path) -> None:
    models = [Model("m", {"own": tiny()}), Model("m", {"own": tiny(linear=Linear({"good": 0}, [1.0], [[9.0]], [1.0]))})]
    models[0].save(tmp_path)
    whole = {hashlib.sha256(persist.dump(model)).hexdigest() for model in models}
    stop = threading.Event()

    def replacing() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            models[turn % 2].save(tmp_path)

    writer = threading.Thread(target=replacing)
    writer.start()
    try:
        seen = {persist.load(tmp_path).digest for _ in range(100)}
    finally:
        stop.set()
        writer.join()
    assert seen <= whole


def test_bad_input_62_an_interrupted_save_leaves_the_old_model(small: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small.save(tmp_path)

    def interrupted(model: Model) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(persist, "dump", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Model("m", {"own": tiny()}).save(tmp_path)
    assert (tmp_path / persist.FILE).read_bytes() == DATA
    assert sorted(path.name for path in tmp_path.iterdir()) == [persist.CARD, persist.FILE]


# Whatever a file holds, it loads as it was written or it is refused.

KINDS_OF_EDIT = st.sampled_from(["set", "insert", "delete", "repeat"])
EDIT = st.tuples(KINDS_OF_EDIT, st.integers(0, len(DATA) - 1), st.integers(0, 255), st.integers(1, 9))


def edited(edits: list[tuple[str, int, int, int]]) -> bytes:
    data = bytearray(DATA)
    for kind, at, byte, length in edits:
        inserted, repeated = data[at : at + 1] + bytes([byte]) * length, data[at : at + length] * 2
        part = {"set": bytes([byte]), "insert": inserted, "delete": b"", "repeat": repeated}
        data[at : at + (1 if kind in ("set", "insert") else length)] = part[kind]
    return bytes(data)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EDIT, min_size=1, max_size=5))
def test_any_edit_is_refused_or_changes_nothing(edits: list[tuple[str, int, int, int]]) -> None:
    same_or_refused(edited(edits))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["heads", "cues", "lexicons", "facts", "golden", "format"]), JSON)
def test_any_specification_loads_or_is_refused(key: str, value: Any) -> None:
    try:
        read(with_spec(**{key: value}))
    except FramingError:
        return
    assert key == "facts"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["dtype", "shape", "data_offsets"]), JSON)
def test_any_entry_loads_or_is_refused(key: str, value: Any) -> None:
    header, body = taken_apart()
    header["tone/coef"][key] = value
    with pytest.raises(FramingError):
        read(put_together(header, body))
