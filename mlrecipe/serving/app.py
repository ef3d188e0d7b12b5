"""The server: TensorFlow Serving's REST paths over a bundle, health, and a page to try it."""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from mlrecipe.bundle import Bundle
from mlrecipe.errors import MlrecipeError
from mlrecipe.files import read_json
from mlrecipe.interfaces import Array
from mlrecipe.reports.answer_map import answers_page
from mlrecipe.serving.page import try_page
from mlrecipe.serving.requests import BadRequest, read_query, read_rows, read_top

LARGEST_BODY = 16 * 1024 * 1024

FEW_ROWS = 64
"""Requests up to this size are answered at once; larger ones in a thread, so that others go on."""

FOUND = 10
"""Rows that a search answers with when the request names no number."""


def make_app(bundle: Bundle, name: str) -> Starlette:
    """Return the ASGI application.

    Paths are those of TensorFlow Serving's REST interface: ``GET /v1/models/NAME``,
    ``GET /v1/models/NAME/metadata``, ``POST /v1/models/NAME:predict``, each also with
    ``/versions/1``; and ``GET /healthz``, ``GET /``. ``POST /v1/models/NAME:search`` is our own:
    which of the rows sent, or kept in the bundle, does a query ask for? And so is
    ``POST /v1/models/NAME:map``: a page with the known rows that answers point at, on a map.
    """
    examples = read_json(bundle.path / "examples.json")

    async def body_of(request: Request) -> Any:
        """Return the JSON of a request, or the answer that refuses it."""
        length = request.headers.get("content-length")
        if length is not None and length.isdigit() and int(length) > LARGEST_BODY:
            return _error(f"the body is larger than {LARGEST_BODY} bytes", 413)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BODY:
                return _error(f"the body is larger than {LARGEST_BODY} bytes", 413)
        try:
            return json.loads(body)
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            return _error(f"the body is no JSON: {error}", 400)

    async def outputs_of(rows: list[dict[str, Any]]) -> Array:
        if len(rows) <= FEW_ROWS:
            return bundle.outputs_of_records(rows)
        return await run_in_threadpool(bundle.outputs_of_records, rows)

    async def predict(request: Request) -> Response:
        content = await body_of(request)
        if isinstance(content, Response):
            return content
        try:
            rows, top = read_rows(content, bundle.schema), read_top(content)
            outputs = await outputs_of(rows)
        except BadRequest as error:
            return _error(str(error), 400)
        key = "predictions" if "instances" in content else "outputs"
        return JSONResponse({key: bundle.answers(outputs, top)})

    async def draw(request: Request) -> Response:
        content = await body_of(request)
        if isinstance(content, Response):
            return content
        try:
            rows, top = read_rows(content, bundle.schema), read_top(content)
            answers = bundle.answers(await outputs_of(rows), top)
            names = [f"row {number}" for number in range(1, len(rows) + 1)]
            drawn = answers_page(bundle.manifest, bundle.gallery, rows, answers, names)
        except (BadRequest, MlrecipeError) as error:
            return _error(str(error), 400)
        return HTMLResponse(drawn)

    async def search(request: Request) -> Response:
        content = await body_of(request)
        if isinstance(content, Response):
            return content
        try:
            query = read_query(content)
            sent = "instances" in content or "inputs" in content
            outputs = await outputs_of(read_rows(content, bundle.schema)) if sent else None
            found = bundle.search(query, outputs, read_top(content) or FOUND)
        except (BadRequest, MlrecipeError) as error:
            return _error(str(error), 400)
        kept = [] if sent or bundle.gallery is None else bundle.gallery.records
        results = [
            {"row": row, "score": score, **(kept[row] if kept else {})}
            for row, score in found.items()
        ]
        return JSONResponse({"results": results})

    async def status(request: Request) -> Response:
        state = {
            "version": "1",
            "state": "AVAILABLE",
            "status": {"error_code": "OK", "error_message": ""},
        }
        return JSONResponse({"model_version_status": [state]})

    async def metadata(request: Request) -> Response:
        keys = ("name", "question", "task", "targets", "labels", "threshold", "variant", "test")
        return JSONResponse(
            {
                "model_spec": {"name": name, "version": "1"},
                "metadata": {
                    **{key: bundle.manifest[key] for key in keys},
                    "inputs": {
                        column: {"type": c.type, "nullable": c.nullable, "values": c.values}
                        for column, c in bundle.schema.features().items()
                    },
                },
            }
        )

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def page(request: Request) -> Response:
        return HTMLResponse(html, headers={"content-security-policy": "frame-ancestors 'none'"})

    html = try_page(bundle, name, examples)
    # The first answer loads the runtime.
    bundle.outputs_of_records(read_rows({"instances": examples}, bundle.schema))
    routes = [Route("/", page), Route("/healthz", health)]
    for base in (f"/v1/models/{name}", f"/v1/models/{name}/versions/1"):
        routes += [
            Route(base, status),
            Route(f"{base}/metadata", metadata),
            Route(f"{base}:predict", predict, methods=["POST"]),
            Route(f"{base}:search", search, methods=["POST"]),
            Route(f"{base}:map", draw, methods=["POST"]),
        ]
    return Starlette(routes=routes, exception_handlers={404: _not_found(name), 405: _not_allowed})


def _error(message: str, status: int) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status)


def _not_found(name: str) -> Any:
    async def handler(request: Request, error: Exception) -> Response:
        return _error(f"there is nothing at {request.url.path}; the model is {name!r}", 404)

    return handler


async def _not_allowed(request: Request, error: Exception) -> Response:
    return _error(f"{request.method} is not possible at {request.url.path}", 405)
