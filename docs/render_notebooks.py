"""A hook of mkdocs: each notebook of docs/notebooks becomes a page, with what its cells showed when they were last run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

HEAD = "*This page is a notebook: [download it]({name}) and run it in Jupyter.*\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """A page beside each notebook, which itself can be downloaded."""
    for file in [file for file in files if file.src_uri.endswith(".ipynb")]:
        notebook = json.loads(Path(str(file.abs_src_path)).read_text(encoding="utf-8"))
        files.append(File.generated(config, file.src_uri.replace(".ipynb", ".md"), content=page(notebook, Path(file.src_uri).name)))
    return files


def page(notebook: dict[str, Any], name: str) -> str:
    """A notebook as Markdown."""
    title, *cells = [part for cell in notebook["cells"] for part in _cell(cell)]
    heading, _, rest = title.partition("\n")
    return "\n\n".join([heading, HEAD.format(name=name), rest, *cells])


def _cell(cell: dict[str, Any]) -> Iterator[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source.replace(".ipynb)", ".md)")
        return
    yield f"```python\n{source}\n```"
    for output in cell["outputs"]:
        yield _output(output)


def _output(output: dict[str, Any]) -> str:
    """What a cell showed: a picture, HTML or text, the richest that there is."""
    data = output.get("data", {"text/plain": output.get("text", "")})
    if "image/png" in data:
        png = "".join(data["image/png"]).replace("\n", "")
        return f'<p class="output"><img alt="The picture that the cell above draws" src="data:image/png;base64,{png}"></p>'
    if "text/html" in data:
        return f'<div class="output">{"".join(data["text/html"])}</div>'
    return f'```{{ .text .output }}\n{"".join(data["text/plain"]).rstrip()}\n```'
