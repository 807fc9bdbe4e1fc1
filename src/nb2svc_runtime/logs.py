"""Keeps callers' values out of the server's logs: exceptions lose their messages, addresses their unknown parts."""

import logging
import re
from typing import Any

from .origins import ORIGINS, told

_KNOWN_PATHS = ("/", "/predict", "/livez", "/readyz", "/healthz", "/metrics", "/docs.json", "/schema.json", "/page.js")
_STATIC = re.compile(r"/static_content/[A-Za-z0-9_-]{1,60}(\.[a-z0-9]{1,10}){1,3}")
UNKNOWN_PATH = "/(unknown)"
_PATH = re.compile(r"(path=)([^,)]*)")
_KNOWN_TYPES = (
    "", "application/json", "application/json; charset=utf-8", "text/plain", "text/html", "text/plain; charset=utf-8",
    "text/html; charset=utf-8", "text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/png",
    "application/x-www-form-urlencoded",
)  # fmt: skip
_TYPE = re.compile(r"(?<=,type=)([^,)]*)")


def is_known_path(path: str) -> bool:
    """Whether the service has something at an address (or at the same one without its last slash)."""
    return path in _KNOWN_PATHS or path.rstrip("/") in _KNOWN_PATHS or _STATIC.fullmatch(path) is not None


class _NoMessage(logging.Filter):
    """An exception's message can hold what the caller sent: only its type and the lines that it came through are kept."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
            record.msg = "request failed: %s [%s]\n%s"
            record.args = (type(error).__name__, ORIGINS.build(), told(error)) if error else ("unknown", ORIGINS.build(), "")
            record.exc_info, record.exc_text = None, None
        return True


class _NoAddress(logging.Filter):
    """The access log names only addresses and content types that exist."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_clean(item) if isinstance(item, str) else item for item in record.args)
        return True


def _clean(text: str) -> Any:
    text = _PATH.sub(lambda found: found.group(0) if is_known_path(found.group(2)) else found.group(1) + UNKNOWN_PATH, text)
    return _TYPE.sub(lambda found: found.group(0) if found.group(0) in _KNOWN_TYPES else "(other)", text)


def keep_values_out() -> None:
    """Put the filters on the loggers of BentoML and uvicorn; done again it changes nothing."""
    for name in ("bentoml._internal.server.http_app", "bentoml.serve", "uvicorn.error", "uvicorn", "asyncio"):
        _add(logging.getLogger(name), _NoMessage)
    _add(logging.getLogger("bentoml.access"), _NoAddress)


def _add(logger: logging.Logger, kind: Any) -> None:
    if not any(isinstance(each, kind) for each in logger.filters):
        logger.addFilter(kind())
