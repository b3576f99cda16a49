from __future__ import annotations

import json
import os
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from serving import Served

import framing
from framing.views import api

TEXT = (
    "The mayor may resign on Monday, officials said, though critics argue that the shameful plan was reportedly about money "
    "and not about the voters of the city. “It might rain,” she said."
)

EXAMPLES = int(os.environ.get("FRAMING_API_EXAMPLES", "40"))
"""Requests that Schemathesis makes up for each address and mode; `make fuzz-api` asks for more."""


def post(server: Served, path: str, body: Any, **more: Any) -> httpx.Response:
    return httpx.post(server.url + path, json=body, timeout=30, **more)


@pytest.mark.parametrize("more", [{}, {"title": "Mayor"}, {"target": "the mayor"}, {"target": [4, 9]}, {"title": None, "target": None}])
def test_classify_answers_what_the_library_does(server: Served, more: dict[str, Any]) -> None:
    answer = post(server, "/v1/classify", {"text": TEXT, **more})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    target = more.get("target")
    expected = framing.classify(TEXT, more.get("title"), tuple(target) if isinstance(target, list) else target)
    assert answer.json() == json.loads(expected.to_json())


def test_batch_keeps_order_and_a_bad_item_is_a_row(server: Served) -> None:
    answer = post(server, "/v1/batch", {"items": [{"text": TEXT}, {"text": TEXT, "target": " "}, {"text": ""}]})
    assert answer.status_code == 200
    first, second, third = answer.json()["results"]
    assert first == {"analysis": json.loads(framing.classify(TEXT).to_json()), "error": None}
    assert second == {"analysis": None, "error": "target must name somebody or something. Got a blank string."}
    assert third["analysis"]["tone"]["reason"] == "empty"


def test_models_names_the_one_that_answers_and_no_path(server: Served) -> None:
    (found,) = httpx.get(server.url + "/v1/models").json()["models"]
    model = framing.load()
    assert found["id"] == model.id
    assert set(found["heads"]) == set(model.heads)
    assert set(found) == {"name", "id", "heads"}


@pytest.mark.parametrize("body", [b"", b"{", b"[1, 2", b"\xff\xfe", b'{"text": "a" "b"}', b"[" * 100_000, b"{'text': 'a'}", b'{"text":'])
@pytest.mark.parametrize("path", ["/v1/classify", "/v1/batch"])
def test_bad_input_81_bad_json_is_400_without_a_traceback(server: Served, path: str, body: bytes) -> None:
    answer = httpx.post(server.url + path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == (422 if body == b"" else 400), answer.text
    assert list(answer.json()) == ["error"]
    assert "Traceback" not in answer.text and ".py" not in answer.text
    assert not any("Traceback" in line for line in server.said)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": 1}, "text"),
        ({"text": ["a"]}, "text"),
        ({"text": "a", "title": 1}, "title"),
        ({"text": "a", "target": {}}, "target"),
        ({"text": "a", "target": [1]}, "target"),
        ({"text": "a", "target": [True, False]}, "target"),
        ({"text": "a", "model": "/etc/passwd"}, "model"),
        ({"text": "a", "url": "http://localhost/"}, "url"),
        ("text", "The body"),
        ([], "The body"),
    ],
)
def test_bad_input_01_json_of_another_form_is_422_and_names_the_field(server: Served, body: Any, place: str) -> None:
    answer = post(server, "/v1/classify", body)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(f"{place}")
    assert '"text"' in answer.json()["error"]


def test_texts_and_targets_that_cannot_be_used_say_why(server: Served) -> None:
    answer = post(server, "/v1/classify", {"text": TEXT, "target": [5, 9999]})
    assert (answer.status_code, "ends after the text" in answer.json()["error"]) == (422, True)
    answer = post(server, "/v1/classify", {"text": "a" * 1_000_001})
    assert (answer.status_code, "1,000,000" in answer.json()["error"]) == (413, True)
    answer = post(server, "/v1/batch", {"items": [{"text": "a"}] * (api.BATCH_LIMIT + 1)})
    assert (answer.status_code, "at most 100" in answer.json()["error"]) == (422, True)


def test_bad_input_07_a_lone_surrogate_comes_back_as_json(server: Served) -> None:
    body = b'{"text": "The mayor may \\ud800 resign.", "title": "\\udfff"}'
    answer = httpx.post(server.url + "/v1/classify", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["sentences"][0]["text"] == "The mayor may \ud800 resign."
    assert server.said == []  # a warning about a text is none of the log's


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_only_json_is_taken_as_json(server: Served, kind: str) -> None:
    answer = httpx.post(server.url + "/v1/classify", content=b'{"text": "a"}', headers={"content-type": kind})
    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]


def test_the_description_shows_every_field_of_an_analysis(server: Served) -> None:
    described = httpx.get(server.url + "/openapi.json").json()
    assert set(described["paths"]) == {"/v1/classify", "/v1/batch", "/v1/models"}
    assert set(described["components"]["schemas"]["Analysis"]["properties"]) == set(framing.classify("").to_dict())
    assert "url" not in json.dumps(described["components"]["schemas"]["Item"])


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
@pytest.mark.parametrize("path", ["/v1/classify", "/v1/batch", "/v1/models"])
def test_answers_keep_to_the_description(server: Served, path: str, mode: schemathesis.GenerationMode) -> None:
    described = schemathesis.openapi.from_url(server.url + "/openapi.json")
    ((_, operation),) = described[path].items()
    if mode is schemathesis.GenerationMode.NEGATIVE and path == "/v1/models":
        return  # takes nothing that could be wrong

    @given(operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    def check(case: schemathesis.Case) -> None:
        # A target may be blank, or a span that ends after its text: no schema can say that, so such requests may be refused.
        answer = case.call_and_validate(timeout=30, excluded_checks=[positive_data_acceptance])
        if mode is schemathesis.GenerationMode.POSITIVE:
            assert answer.status_code == 200 or "target" in answer.json()["error"]

    check()
