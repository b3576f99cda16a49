"""Pictures that stand in a page: no script, no other host, the page's colours, one name for each thing, the same bytes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as Tree

import pandas as pd
import pytest

from framing.views import figures

SCRIPTS = ["</svg><script>ran=1</script>", 'a" onload="ran=1', "--><img src=x>"]
HOSTILE = [*SCRIPTS, "$\\frac{$", "\x1b[31m\u202eevil", "名前", "a" * 90, "a" * 91]


def table(names: list[str], measure: str = "hedged_rate") -> pd.DataFrame:
    rows = [(measure, name, 10, 0.2, 0.1, 0.3) for name in names]
    return pd.DataFrame(rows, columns=["measure", "group", "n", "mean", "low", "high"])


def shares(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"group": names, "n": 7, "measured": 0.25, "loaded": 0.75})


DRAWN = {
    "means": lambda ax: figures.means(ax, table(HOSTILE), "hedged_rate", "hedged sentences"),
    "stacked": lambda ax: figures.stacked(ax, shares(HOSTILE), ["measured", "loaded"]),
    "histogram": lambda ax: figures.histogram(ax, [1, 2, 0, 5], 1.0, "probability"),
    "lines": lambda ax: figures.lines(ax, table(["2023-11", "2024-01", "2024-02"]), {"hedged_rate": "hedged"}),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_whole_inert_and_the_same_every_time(name: str) -> None:
    svg = figures.picture(DRAWN[name], 2.0, 3, "What <it> shows")
    assert svg == figures.picture(DRAWN[name], 2.0, 3, "What <it> shows")
    assert svg.startswith("<svg viewBox=") and 'aria-label="What &lt;it&gt; shows"' in svg and "<!--" not in svg and "<metadata" not in svg
    root = Tree.fromstring(svg.replace("xlink:href", "href"))
    assert not {one.tag.rpartition("}")[2] for one in root.iter()} & {"script", "image", "foreignObject", "a", "img"}
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on")]
    assert "http" not in svg and "#222222" not in svg and "#d9d9d9" not in svg and "currentColor" in svg
    ids = re.findall(r'\bid="([^"]*)"', svg)
    assert len(ids) == len(set(ids)) and all(one.startswith("f3-") for one in ids)
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg)) <= set(ids)


def test_names_stay_apart_when_they_are_cut() -> None:
    made = figures.short(["a" * 90, "a" * 91, "b", "b\n"])
    assert len(set(made)) == 4 and max(map(len, made)) <= 22 and made[2:] == ["b", "b\\n"]


def test_a_reader_s_own_settings_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib

    before = figures.picture(DRAWN["means"], 2.0, 1, "x")
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.facecolor": "red"}):
        assert figures.picture(DRAWN["means"], 2.0, 1, "x") == before
        assert matplotlib.rcParams["font.size"] == 30


def test_months_without_articles_break_the_line() -> None:
    seen: list[int] = []
    figures.picture(lambda ax: (DRAWN["lines"](ax), seen.append(len(ax.lines[0].get_xdata()))), 2.0, 1, "x")
    assert seen == [4]  # 2023-12 stands between, without a value
