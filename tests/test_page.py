from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
from typing import Any

import httpx
import pytest
from serving import Served

from framing.types import CUE_TYPES
from framing.views import page
from framing.views.workers import Busy

TEXT = (
    "The mayor may resign on Monday, officials said, though critics argue that the shameful plan was reportedly about money "
    "and not about the voters of the city. “It might rain,” she said."
)
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def form(server: Served, path: str = "/", files: Any = None, **fields: str) -> httpx.Response:
    """The form sent as a browser without JavaScript sends it."""
    parts = {name: (None, value) for name, value in fields.items()} | (files or {})
    return httpx.post(server.url + path, files=parts, headers=BROWSER | {"origin": server.url}, timeout=60)


def words(answer: httpx.Response) -> str:
    """What is to be read, without tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


@pytest.mark.parametrize("path", ["/", "/compare", "/example", "/compare/example"])
def test_pages_are_html_with_one_nonce_and_nothing_from_elsewhere(server: Served, path: str) -> None:
    answer = httpx.get(server.url + path, timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', answer.text))
    assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
    links = re.findall(r'(?:href|src|action)="([^"]*)"', answer.text)
    assert links and all(link.startswith(("/", "#")) for link in links), links
    assert not re.search(r'<(?!svg|line|rect|circle)[^>]* (style|on\w+)="', answer.text)
    assert httpx.get(server.url + path, timeout=60).text.count(nonce) == 0


def test_the_basic_answer_needs_no_script(server: Served) -> None:
    answer = form(server, text=TEXT, title="Mayor under fire", target="the mayor")
    assert answer.status_code == 200
    shown = words(answer)
    for part in ("Mayor under fire", "Tone", "Hedging", "Valence", "toward the mayor", "Frames", "possible, not certain", "of 2 sentences"):
        assert part in shown, part
    assert re.search(r'<mark class="epistemic" tabindex="0" data-cue="a-c\d+">(<span class="[^"]*">)?may<', answer.text)
    assert "probability 0." in shown and "the word itself +" in shown


def test_the_example_shows_every_mark(server: Served) -> None:
    shown = httpx.get(server.url + "/compare/example", timeout=60).text
    assert {*re.findall(r'<mark class="(\w+)" tabindex', shown)} == set(CUE_TYPES)
    assert any("<mark" in quoted for quoted in re.findall("<q>.*?</q>", shown))
    assert '<span class="loaded">' in shown


def test_line_ends_of_browsers_change_nothing(server: Served) -> None:
    first, second = (re.sub(r'nonce="[^"]*"', "", form(server, text=text).text) for text in (f"{TEXT}\n\n{TEXT}", f"{TEXT}\r\n\r\n{TEXT}"))
    assert first == second


def test_two_texts_are_compared(server: Served) -> None:
    answer = form(server, "/compare", text=TEXT, title="One", text2=TEXT.replace("may", "will"), title2="Two", target="")
    assert answer.status_code == 200
    assert answer.text.count('<section class="told"') == 2
    table = re.search(r"<table>.*?</table>", answer.text, re.DOTALL)[0]  # type: ignore[index]
    for row in ("Loaded tone", "Hedged sentences", "epistemic"):
        assert row in table
    ids = re.findall(r' id="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", TEXT.encode(), "The mayor"),
        ("a.txt", TEXT.encode("utf-16"), "The mayor"),
        ("a.html", f"<title>Fire</title><article><h1>Fire</h1><p>{TEXT}</p><p>{TEXT}</p></article>".encode(), "The mayor"),
        ("A.MD", f"# Fire\n\n{TEXT}".encode(), "Fire"),
        ("a.json", b'{"title": "Fire", "text": "The mayor may resign."}', "Fire"),
    ],
)
def test_a_file_is_read_by_the_one_reader(server: Served, name: str, data: bytes, expected: str) -> None:
    answer = form(server, files={"file": (name, data)}, text="", title="", target="")
    assert answer.status_code == 200, words(answer)
    assert expected in words(answer)
    assert "<mark" in answer.text


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(100), "a.txt: It is no text"),
        ("a.csv", b"a,b\n1,2\n", "a.csv is a table"),
        ("a.html", b"<html><script>x</script></html>", "a.html: No article"),
        ("a.txt.gz", b"\x1f\x8b\x08 broken", "a.txt.gz:"),
        ("a.json", b"[1,", "a.json: It is no JSON"),
        ("../../etc/passwd\x1b[2J", b"\x00\x01\x02" * 50, "It is no text"),
    ],
)
def test_a_file_without_a_text_says_why(server: Served, name: str, data: bytes, message: str) -> None:
    answer = form(server, files={"file": (name, data)}, text="")
    assert answer.status_code == 422
    assert message in words(answer)
    assert 'role="alert"' in answer.text


def test_bad_input_07_a_surrogate_in_a_json_file_is_read_as_a_sign(server: Served) -> None:
    answer = form(server, files={"file": ("a.json", b'{"title": "\\udfff", "text": "The mayor \\ud800 may resign."}')})
    assert answer.status_code == 200
    assert "The mayor \ufffd" in words(answer)


class Failing:
    """Workers of which each task ends in one way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def run(self, *arguments: Any) -> Any:
        raise self.error


async def asked(error: Exception, **headers: str) -> httpx.Response:
    app = page.application(Failing(error), frozenset(["localhost"]))  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.post("/v1/classify", json={"text": TEXT}, headers=headers)


def test_bad_input_80_a_full_queue_is_503_and_says_when_to_try_again() -> None:
    answer = asyncio.run(asked(Busy("128 texts are being read or wait already. Try again in a moment.")))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json() == {"error": "128 texts are being read or wait already. Try again in a moment."}
    assert "<h1>Busy</h1>" in asyncio.run(asked(Busy("Busy."), **BROWSER)).text


def test_a_fault_of_ours_is_told_without_its_inside() -> None:
    answer = asyncio.run(asked(RuntimeError("secret /etc/path")))
    assert answer.status_code == 500
    assert answer.json() == {"error": "Something broke here; the server's log says what. Please report it."}


def test_an_empty_form_says_what_to_do(server: Served) -> None:
    answer = form(server, text=" ", title="", target="")
    assert (answer.status_code, "There is no text. Paste one, or choose a file." in words(answer)) == (422, True)
    assert "<textarea" in answer.text


def test_one_of_two_that_cannot_be_read_leaves_the_other(server: Served) -> None:
    answer = form(server, "/compare", text=TEXT, text2="")
    assert answer.status_code == 200
    assert "Second text: There is no text." in words(answer)
    assert answer.text.count('<section class="told"') == 1


def test_abstentions_are_told_in_words(server: Served) -> None:
    assert "too short: article labels need 20 words" in words(form(server, text="The mayor may resign."))
    german = "Der Bürgermeister hat gestern erklärt, dass er nicht mehr für das Amt antritt, weil er nicht mit der Partei einig ist."
    assert "not in English" in words(form(server, text=german))


def test_bad_input_18_html_passed_as_text_is_warned_of(server: Served) -> None:
    assert "The text holds HTML tags" in words(form(server, text=f"<p>{TEXT}</p>"))


PATHS = [
    *("/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/page.css/../../cli.py", "//etc/passwd", "/.env"),
    *("/page.css%00.html", "/page.html", "/templates/page.html", "/v1/models/../../..", "/..\\..\\windows", "/static/../../README.md"),
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_bad_input_82_no_path_leads_to_a_file(server: Served, path: str, accept: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:  # httpx would tidy the path
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"root:" not in answer and b"Traceback" not in answer


def test_bad_input_78_urls_are_texts_and_never_fetched(server: Served) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(1.5)
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/x"
        html = f'<html><head><base href="{url}"><link rel=stylesheet href="{url}"><meta http-equiv=refresh content="0;url={url}">'
        html += f'<iframe src="{url}"></iframe><img src="{url}"><article><p>{TEXT}</p><p>{TEXT} {url}</p></article></body></html>'
        doctype = f'<!DOCTYPE html SYSTEM "{url}" [<!ENTITY x SYSTEM "{url}">]>'
        assert form(server, text=url).status_code == 200
        assert form(server, text=f"{TEXT} {url}", title=url, target=url).status_code == 200
        assert form(server, files={"file": ("a.html", (doctype + html).encode())}).status_code == 200
        assert httpx.post(server.url + "/v1/classify", json={"text": url, "title": url, "target": url}).status_code == 200
        with pytest.raises(TimeoutError):
            trap.accept()


def test_bad_input_77_a_form_over_the_limit_is_413_in_a_page(server: Served) -> None:
    answer = form(server, text="x" * (1 << 20))
    assert (answer.status_code, "1,048,576" in words(answer)) == (413, True)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data"),
        (b"text=%FF%FE&title=%", "application/x-www-form-urlencoded"),
        (b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\xfe\r\n--x--\r\n', "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n\r\n' * 99 + b"--x--\r\n", "multipart/form-data; boundary=x"),
        (b"text", "text/plain"),
    ],
)
def test_broken_forms_are_told_in_a_page_without_a_traceback(server: Served, content: bytes, kind: str) -> None:
    answer = httpx.post(server.url, content=content, headers=BROWSER | {"content-type": kind})
    assert answer.status_code in (200, 400, 422), answer.text
    assert "text/html" in answer.headers["content-type"]
    assert "Traceback" not in answer.text
    assert not any("Traceback" in line for line in server.said), server.said


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW", "OPTIONS"])
def test_other_methods_are_405(server: Served, method: str) -> None:
    assert httpx.request(method, server.url + "/").status_code == 405
    assert httpx.request(method, server.url + "/v1/classify").status_code == 405


def test_a_missing_extra_is_told_at_the_door() -> None:
    code = "import sys; sys.modules['uvicorn'] = None; sys.argv = ['framing', 'serve']; from framing.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "framing: The page needs uvicorn, which is not installed. Run: pip install 'framing-news[serve]'\n"


def test_names_that_the_page_goes_by() -> None:
    assert page._names("127.0.0.1", ()) == {"localhost", "127.0.0.1", "::1"}
    assert page._names("0.0.0.0", ["Desk.example"]) == {"localhost", "127.0.0.1", "::1", "0.0.0.0", "desk.example", "*"}
    assert "*" not in page._names("192.168.1.7", ())
