"""Values of secrets: read where a run is made, and struck out of all that it writes."""

import base64
import json
from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import quote

from nb2svc.errors import UsageError

# A shorter one would be struck out of everything: of "1" no number would be left.
SHORTEST = 4


def resolve_secrets(names: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """The values by the variables' names.

    Raises:
        UsageError: a variable is not set, or its value too short to be kept secret.
    """
    found = {}
    for name in names:
        value = environment.get(name, "")
        if not value:
            why = "it is empty" if name in environment else "it is not set here"
            raise UsageError(f"there is no secret {name}", where=f"env:{name}", why=why, fix=f"set it: export {name}=…")
        if len(value) < SHORTEST:
            raise UsageError(
                f"the value of {name} is too short for a secret",
                where=f"env:{name}",
                why=f"what has fewer than {SHORTEST} characters can't be struck out of outputs and logs",
                fix="give it plainly with -p if it is no secret",
            )
        found[name] = value
    return found


def struck(text: str, secrets: Mapping[str, str]) -> str:
    """A text without the secrets' values, however they are quoted: `token = 'abcd'` → `token = '(env:API_TOKEN)'`."""
    forms = {form: name for name, value in secrets.items() for form in _forms(value)}
    # The longest first: one secret may be part of another.
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, f"(env:{forms[form]})")
    return text


def _forms(value: str) -> Iterable[str]:
    """How a value may stand in a text: plain, as Python, JSON, HTML, a URL or base64 write it, and each of these within JSON."""
    raw = value.encode("utf-8", "surrogateescape")
    written = (
        *(value, repr(value)[1:-1], escape(value), escape(value, quote=False)),
        *(quote(raw), quote(raw, safe=""), base64.b64encode(raw).decode()),
    )
    in_json = [json.dumps(form, ensure_ascii=ascii_only)[1:-1] for form in written for ascii_only in (True, False)]
    return {*written, *in_json}
