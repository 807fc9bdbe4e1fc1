"""The service over HTTP, on BentoML: strict envelope, one error form, its own API page; no caller's value in a log."""

import json
import logging
import os
import sys
import uuid
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, MutableMapping, Optional

import bentoml
from pydantic import BaseModel, ConfigDict
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from .envelope import MAX_BYTES, Rejection, check_headers, error_body, parse_body, sane_id, too_large
from .logs import UNKNOWN_PATH, is_known_path, keep_values_out
from .openapi import openapi_document
from .origins import ORIGINS, told
from .page import PAGE_HEADERS, page_html, page_script
from .predictor import Predictor
from .schema import Schema
from .version import content_version

# A request has few rows: threads inside one prediction cost more than they give, and requests already run side by side.
# Read by OpenMP when the estimator's library is loaded, which is after this module.
os.environ.setdefault("OMP_NUM_THREADS", "1")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# More predictions at once than this are refused with 429 rather than queued without end.
MAX_WAITING = 64
_ROWS, _ID, _OURS = "nb2svc.rows", "nb2svc.request_id", "nb2svc.ours"
# A refused body is read to its end up to this size; beyond it the connection is closed.
_PATIENCE = 4 * MAX_BYTES
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
# What BentoML reads in the body's place; the rows themselves are in the request's scope, already parsed.
_STAND_IN = b'{"rows":[]}'


class PredictRequest(BaseModel):
    """The envelope of a request; each row is checked by itself, against the schema."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    rows: List[Any]


class PredictResponse(BaseModel):
    """One result a row, in the request's order."""

    request_id: str
    model: Dict[str, str]
    results: List[Dict[str, Any]]


class NotebookService(bentoml.Service):  # type: ignore[misc]
    """A BentoML service with our document, error form and checks."""

    def __attrs_post_init__(self) -> None:
        """Put the envelope's check before the API."""
        super().__attrs_post_init__()
        self.add_asgi_middleware(Gate)

    def to_asgi(self, is_main: bool = True) -> Any:  # noqa: FBT001, FBT002 - BentoML's signature
        """The ASGI app, behind the one error form."""
        keep_values_out()
        return Edge(super().to_asgi(is_main))

    @property
    def openapi_spec(self) -> Any:
        """Our own OpenAPI 3.1 document."""
        package = self.inner.__module__.rpartition(".")[0]
        home = Path(str(sys.modules[package].__file__)).resolve().parent
        return _Document(openapi_document(_schema_of(package), version=content_version(home)))


class _Document(Dict[str, Any]):
    """A document as BentoML takes it."""

    def asdict(self) -> Dict[str, Any]:
        return dict(self)


def _plain_yaml() -> None:
    """Let BentoML write the document into a bento as plain YAML."""
    import yaml  # type: ignore[import-untyped,unused-ignore]

    yaml.add_representer(_Document, lambda dumper, document: dumper.represent_dict(document))


_plain_yaml()


def _schema_of(package: str) -> Schema:
    import importlib

    schema: Schema = importlib.import_module(package + ".schema").SCHEMA
    return schema


def pages(package: str) -> Starlette:
    """The routes beside the API: the page at `/` and its script."""

    def index(_: Request) -> Response:
        return HTMLResponse(page_html(_schema_of(package)), headers=PAGE_HEADERS)

    def script(_: Request) -> Response:
        return Response(page_script(), media_type="text/javascript", headers=PAGE_HEADERS)

    return Starlette(routes=[Route("/", index), Route("/page.js", script)])


def answer(predictor: Predictor, request: PredictRequest, ctx: Any = None) -> PredictResponse:
    """The response to a checked request."""
    scope = {} if ctx is None else ctx.request.scope
    request_id = scope.get(_ID) or str(uuid.uuid4())
    results = predictor.predict(scope.get(_ROWS, request.rows), request_id=request_id)
    model = {"name": predictor.schema.name, "version": predictor.version}
    return PredictResponse(request_id=request_id, model=model, results=results)


class Gate:
    """Inner middleware: content type, size, JSON and envelope of a prediction, before BentoML reads it."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is refused; pass on the rest."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].endswith("/predict"):
            await self.app(scope, receive, send)
            return
        body = _Body(receive)
        try:
            self._require_room()
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            check_headers(headers.get("content-type"), headers.get("content-encoding"), headers.get("content-length"))
            scope[_ROWS] = await run_in_threadpool(parse_body, await body.read())
        except Rejection as error:
            await body.drain()
            await _send_error(scope, send, error)
            return
        self.waiting += 1
        try:
            await self.app(_with_stand_in(scope), _replay(receive), send)
        finally:
            self.waiting -= 1

    def _require_room(self) -> None:
        if self.waiting >= MAX_WAITING:
            raise Rejection(429, "busy", "too many requests at once; try again in a second")


def _with_stand_in(scope: Scope) -> Scope:
    kept = [
        pair for pair in scope["headers"] if pair[0].lower() not in (b"content-type", b"content-length", b"transfer-encoding")
    ]
    scope["headers"] = [*kept, (b"content-type", b"application/json"), (b"content-length", str(len(_STAND_IN)).encode())]
    return scope


class _Body:
    """A request's body as it comes in; never more than the limit is kept."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.size = 0
        self.ended = False

    async def read(self) -> bytes:
        """The whole body.

        Raises:
            Rejection: 413 where it is too large, 400 where the caller hung up.
        """
        chunks = []
        while not self.ended:
            chunks.append(await self._next())
            if self.size > MAX_BYTES:
                raise too_large()
        return b"".join(chunks)

    async def drain(self) -> None:
        """Read on for a while, keeping nothing: a caller that is still sending would not see the refusal."""
        try:
            while not self.ended and self.size < _PATIENCE:
                await self._next()
        except Rejection:
            return

    async def _next(self) -> bytes:
        message = await self.receive()
        if message["type"] == "http.disconnect":
            self.ended = True
            raise Rejection(400, "disconnected", "the body ended early")
        self.ended = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        self.size += len(chunk)
        return chunk


def _replay(receive: Receive) -> Receive:
    """BentoML gets the stand-in once, then what the connection says."""
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": _STAND_IN, "more_body": False}

    return replayed


async def _send_error(scope: Scope, send: Send, error: Rejection) -> None:
    scope[_OURS] = True
    headers = {"Retry-After": "1"} if error.status == 429 else {}
    if error.status == 413:
        headers["Connection"] = "close"  # what is left of the body is not read
    body = json.dumps(error_body(scope.get(_ID, ""), error.code, error.message, field=error.field), ensure_ascii=False)
    response = Response(body, status_code=error.status, media_type="application/json", headers=headers)
    await response(scope, _nothing, send)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


_WORDS = {
    404: ("not_found", "there is nothing at this address; rows are sent to POST /predict"),
    405: ("wrong_method", "the address does not take this method; rows are sent to POST /predict"),
    429: ("busy", "too many requests at once; try again in a second"),
    503: ("not_ready", "the service is starting or stopping; try again"),
    504: ("timeout", "the answer took too long; send fewer rows at a time"),
}


class Edge:
    """Outermost: gives each request its id, and every error that is not ours already the one form."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __getattr__(self, name: str) -> Any:
        return getattr(self.app, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; rewrite errors."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        _forget_unknown(scope)
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"x-request-id"), None)
        scope[_ID] = sane_id(given) or str(uuid.uuid4())
        outgoing = _Outgoing(scope, send)
        try:
            await self.app(scope, receive, outgoing)
        except Exception as error:  # noqa: BLE001 - the last place where it can be answered without its values in a log
            logging.getLogger("nb2svc").error(  # noqa: TRY400 - Python's own traceback could hold the caller's values
                "request %s failed: %s [%s]\n%s", scope[_ID], type(error).__name__, ORIGINS.build(), told(error)
            )
            if not outgoing.started:
                await outgoing({"type": "http.response.start", "status": 500, "headers": []})
                await outgoing({"type": "http.response.body", "body": b""})


def _forget_unknown(scope: Scope) -> None:
    """An address or method that is none of the service's gets one name: logs and metrics must not hold what callers make up."""
    if not is_known_path(scope["path"]):
        scope["path"] = UNKNOWN_PATH
        scope["raw_path"] = UNKNOWN_PATH.encode()
    if scope["method"] not in _METHODS:
        scope["method"] = "OTHER"


class _Outgoing:
    """A response on its way: errors of others are replaced as a whole, everything else only gets its id."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.send = send
        self.started = False
        self.replaced: Optional[Message] = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = [*message.get("headers", []), (b"x-request-id", self.scope[_ID].encode())]
            if message["status"] >= 400 and not self.scope.get(_OURS):
                self.replaced = message
                return
        if self.replaced is None:
            await self.send(message)
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            await self._send_replacement(self.replaced)

    async def _send_replacement(self, start: Message) -> None:
        status = start["status"]
        code, words = _WORDS.get(
            status, ("failed", "the service made a mistake") if status >= 500 else ("refused", "the request was refused")
        )
        body = json.dumps(error_body(self.scope[_ID], code, words)).encode("utf-8")
        dropped = (b"content-length", b"content-type", b"transfer-encoding")
        kept = [pair for pair in start["headers"] if pair[0].lower() not in dropped]
        start["headers"] = [*kept, (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self.send(start)
        await self.send({"type": "http.response.body", "body": b"" if self.scope["method"] == "HEAD" else body})


__all__ = ["NotebookService", "PredictRequest", "PredictResponse", "answer", "pages"]
