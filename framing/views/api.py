"""The JSON API: texts in, `Analysis.to_dict()` out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from framing.errors import InputError
from framing.types import Analysis
from framing.views.workers import Workers

if TYPE_CHECKING:
    from fastapi import FastAPI

    from framing.model import Model

BATCH_LIMIT = 100
"""Most texts of one request."""


def add(app: FastAPI, workers: Workers) -> None:
    """Add the API's addresses."""
    from fastapi import Response

    made = _schemas()

    def json_of(body: str) -> Response:
        return Response(body, media_type="application/json")

    async def classify(item: Any) -> Any:
        return json_of(await workers.run(classified, item.model_dump()))

    async def batch(batch: Any) -> Any:
        return json_of(await workers.run(classified_many, [item.model_dump() for item in batch.items]))

    async def models() -> Any:
        return json_of(await workers.run(about))

    classify.__annotations__["item"], batch.__annotations__["batch"] = made["item"], made["batch"]
    route = app.add_api_route
    route("/v1/classify", classify, methods=["POST"], summary="Analyse one text", responses=_answers(made, "analysis", *_ERRORS))
    route("/v1/batch", batch, methods=["POST"], summary="Analyse up to 100 texts", responses=_answers(made, "results", *_ERRORS))
    route("/v1/models", models, methods=["GET"], summary="The model that answers", responses=_answers(made, "models", 400, 503))


_ERRORS = {
    400: "No JSON, or a Host that is not ours",
    403: "Sent by another site's page",
    408: "The body came too slowly",
    413: "Over 1 MiB, or a text over 1,000,000 characters",
    422: "Not JSON by its Content-Type, JSON of another form, or a text or target that cannot be used",
    503: "Busy, or the text took too long",
}


def _answers(made: dict[str, Any], answer: str, *errors: int) -> dict[int | str, dict[str, Any]]:
    """The descriptions of an address's answers."""
    told: dict[int | str, dict[str, Any]] = {200: {"model": made[answer], "description": "The answer"}}
    return told | {code: {"model": made["error"], "description": _ERRORS[code]} for code in errors}


def _schemas() -> dict[str, Any]:
    """What the API takes and gives; answers are described from the records of `framing.types` themselves."""
    from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, create_model

    strict = ConfigDict(extra="forbid")
    offset = Annotated[StrictInt, Field(ge=0)]
    item = create_model(
        "Item",
        __config__=strict,
        text=(StrictStr, Field(description="The article, at most 1,000,000 characters. Every offset of the answer indexes it.")),
        title=(StrictStr | None, Field(None, description="The headline, where it is apart from the text.")),
        target=(StrictStr | tuple[offset, offset] | None, Field(None, description="Whose portrayal valence is about, or its place.")),
    )
    hints = get_type_hints(Analysis)
    analysis: Any = create_model("Analysis", **{f.name: (hints[f.name], ...) for f in fields(Analysis) if not f.name.startswith("_")})  # type: ignore[call-overload]
    result = create_model("Result", analysis=(analysis | None, ...), error=(str | None, ...))
    model = create_model("ModelFacts", name=(str, ...), id=(str, ...), heads=(list[str], ...))
    made: dict[str, type[BaseModel]] = {
        "item": item,
        "batch": create_model("Batch", __config__=strict, items=(list[item], Field(min_length=1, max_length=BATCH_LIMIT))),  # type: ignore[valid-type]
        "analysis": analysis,
        "results": create_model("Results", results=(list[result], Field(description="In the order of the items."))),  # type: ignore[valid-type]
        "models": create_model("Models", models=(list[model], ...)),  # type: ignore[valid-type]
        "error": create_model("Error", error=(str, Field(description="What was wrong, what was got, what to do."))),
    }
    return made


def classified(model: Model, item: dict[str, Any]) -> str:
    """The analysis of one item as JSON."""
    return model.classify(item["text"], title=item["title"], target=item["target"]).to_json()


def classified_many(model: Model, items: Sequence[dict[str, Any]]) -> str:
    """A result for each item, as JSON: an analysis or an error."""
    return f'{{"results": [{", ".join(_result(model, item) for item in items)}]}}'


def _result(model: Model, item: dict[str, Any]) -> str:
    try:
        return f'{{"analysis": {classified(model, item)}, "error": null}}'
    except InputError as error:
        return json.dumps({"analysis": None, "error": str(error)})


def about(model: Model) -> str:
    """The model that answers, as JSON."""
    return json.dumps({"models": [{"name": model.name, "id": model.id, "heads": list(dict.fromkeys(model.heads))}]})
