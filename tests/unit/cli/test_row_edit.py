"""A row's values by `--set`: read by the field's kind, in child rows too."""

import pytest

from nb2svc.cli.row_edit import edited
from nb2svc.errors import UsageError

FIELDS = [
    {"name": "age", "kind": "integer", "fields": []},
    {"name": "zip", "kind": "string", "fields": []},
    {"name": "owner", "kind": "boolean", "fields": []},
    {"name": "moves", "kind": "table", "fields": [{"name": "amount", "kind": "number"}, {"name": "when", "kind": "datetime"}]},
]
REQUEST = {"age": 30, "zip": "1000", "owner": True, "moves": [{"amount": 1.5, "when": "2025-01-01"}]}


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        (["age=31"], {"age": 31}),
        (["age=missing"], {"age": None}),
        (["age=much"], {"age": "much"}),
        (["zip=1001"], {"zip": "1001"}),
        (["zip=a=b"], {"zip": "a=b"}),
        (["owner=false", "age=1"], {"owner": False, "age": 1}),
        (["moves=[]"], {"moves": []}),
        (["moves[0].amount=9"], {"moves": [{"amount": 9, "when": "2025-01-01"}]}),
        (["moves[0].when=null"], {"moves": [{"amount": 1.5, "when": None}]}),
    ],
)
def test_a_value_is_read_by_its_fields_kind(settings: list[str], changes: dict[str, object]) -> None:
    assert edited(REQUEST, FIELDS, settings) == {**REQUEST, **changes}
    assert REQUEST["moves"] == [{"amount": 1.5, "when": "2025-01-01"}]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("age", "has no '='"),
        ("agee=3", "no field 'agee'"),
        ("moves[1].amount=3", "no moves[1]"),
        ("moves[0].sum=3", "no field 'sum'"),
        ("age[0].x=3", "no field 'x'"),
    ],
)
def test_what_is_not_there_is_told(setting: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        edited(REQUEST, FIELDS, [setting])
    assert said in error.value.what
    assert error.value.fix
