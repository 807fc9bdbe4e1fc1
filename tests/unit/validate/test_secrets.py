import base64
import html
import json
from urllib.parse import quote

import pytest

from nb2svc.errors import UsageError
from nb2svc.validate.secrets import resolve_secrets, struck

VALUE = "pä'ss\"w\\rd/1"


@pytest.mark.parametrize(
    "text",
    [
        VALUE,
        repr(VALUE),
        json.dumps(VALUE),
        json.dumps(VALUE, ensure_ascii=False),
        json.dumps(repr(VALUE)),
        quote(VALUE),
        html.escape(VALUE),
        json.dumps(html.escape(VALUE)),
        base64.b64encode(VALUE.encode()).decode(),
        f"x{VALUE}y",
    ],
)
def test_a_secret_is_struck_out_however_it_is_quoted(text: str):
    assert struck(text, {"KEY": VALUE}).strip("xy'\"\\") == "(env:KEY)"
    assert "(env:KEY)" in struck(text, {"KEY": VALUE})


def test_the_longer_of_two_goes_first():
    assert struck("abcdef abcd", {"A": "abcd", "B": "abcdef"}) == "(env:B) (env:A)"


def test_secrets_are_looked_up_before_anything_runs():
    assert resolve_secrets(["A"], {"A": "abcd", "B": "x"}) == {"A": "abcd"}
    for environment, why in (({}, "it is not set here"), ({"A": ""}, "it is empty")):
        with pytest.raises(UsageError) as caught:
            resolve_secrets(["A"], environment)
        assert caught.value.why == why
    with pytest.raises(UsageError, match="too short for a secret"):
        resolve_secrets(["A"], {"A": "123"})
