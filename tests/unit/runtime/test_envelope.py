"""The outer form of a request, without a server."""

import pytest

from nb2svc_runtime.envelope import MAX_BYTES, MAX_ROWS, Rejection, check_headers, error_body, parse_body, sane_id


def rejected(function, *arguments):
    with pytest.raises(Rejection) as caught:
        function(*arguments)
    return caught.value.status, caught.value.code


def test_rows_come_out_as_they_were():
    assert parse_body(b'{"rows": [{"a": 1.5, "b": "\xc3\xa9"}, 3]}') == [{"a": 1.5, "b": "é"}, 3]


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/vnd.x+json"]
)
def test_json_by_its_type(kind):
    check_headers(kind, None, "10")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((None, None, None), (415, "not_json")),
        (("text/json", None, None), (415, "not_json")),
        (("application/jsonp", None, None), (415, "not_json")),
        (("application/json; charset=utf-16", None, None), (415, "not_json")),
        (("application/json", "br", None), (415, "compressed")),
        (("application/json", None, str(MAX_BYTES + 1)), (413, "too_large")),
        (("application/json", None, "9" * 5000), (413, "too_large")),
    ],
)
def test_bad_headers(headers, expected):
    assert rejected(check_headers, *headers) == expected


def test_the_limits_themselves_are_allowed():
    check_headers("application/json", None, str(MAX_BYTES))
    assert len(parse_body(b'{"rows": [' + b",".join([b"{}"] * MAX_ROWS) + b"]}")) == MAX_ROWS


def test_nesting_is_limited_by_levels():
    def nested(depth):
        return b'{"rows": [' + b"[" * depth + b"]" * depth + b"]}"

    assert parse_body(nested(20))
    assert rejected(parse_body, nested(40)) == (400, "too_deep")
    assert rejected(parse_body, b"[" * 500_000) == (400, "too_deep")


def test_numbers_too_long_become_infinite_not_an_error():
    (row,) = parse_body(b'{"rows": [{"a": %s, "b": -%s, "c": %s}]}' % (b"9" * 5000, b"9" * 5000, b"9" * 30))
    assert row == {"a": float("inf"), "b": float("-inf"), "c": int("9" * 30)}


def test_a_message_names_the_place_and_no_value():
    with pytest.raises(Rejection, match=r"not JSON \(line 2, column 3\)"):
        parse_body(b'{"rows":\n  Zaphod}')


@pytest.mark.parametrize(
    ("given", "kept"), [("a-1", "a-1"), (None, None), ("", None), ("a\n", None), ("x" * 129, None), ("é", None)]
)
def test_request_ids(given, kept):
    assert sane_id(given) == kept


def test_the_one_error_form():
    assert error_body("r", "bad_json", "no JSON", field="rows") == {
        "request_id": "r",
        "error": {"code": "bad_json", "message": "no JSON"},
        "issues": [{"field": "rows", "code": "bad_json", "message": "no JSON"}],
    }
