"""Checked rows as the notebook's own raw tables: its columns, order and dtypes, however few rows there are.

    {"age": 31, "region": "north", "transactions": [{"amount": 12.5}]}
    →  applicants: applicant_id 0, age 31, region "north", defaulted 0        transactions: applicant_id 0, amount 12.5

A key is the row's place in the request, in the key's dtype, in main and child rows alike; columns that a request does not
carry hold a value that training saw.
"""

from typing import Any, Dict, List, Sequence

from . import scalars
from .schema import Schema, Table
from .validate import Checked


def build_tables(schema: Schema, rows: Sequence[Checked]) -> Dict[str, Any]:
    """The raw tables of some rows that can be computed, by name."""
    count = len(rows)
    tables = {schema.main.name: _build(schema.main, [row.values for row in rows], list(range(count)))}
    for name, table in schema.children.items():
        values = [child for row in rows for child in row.children.get(name, [])]
        owners = [place for place, row in enumerate(rows) for _ in row.children.get(name, [])]
        tables[name] = _build(table, values, owners)
    return tables


def _build(table: Table, rows: List[Dict[str, Any]], owners: List[int]) -> Any:
    import pandas as pd

    if table.kind != "frame":
        return _build_plain(table, rows)
    kinds = {field.name: field.kind for field in table.fields}
    columns = {}
    for name, dtype in table.columns.items():
        if name in table.keys and name not in kinds:
            values: List[Any] = _keys(owners, dtype)
        elif name in table.fixed:
            values = [table.fixed[name]] * len(rows)
        else:
            values = [row.get(name) for row in rows]
        columns[name] = column(values, dtype, table.categories.get(name, ()), ordered=name in table.ordered)
    return pd.DataFrame(columns, columns=list(table.columns), index=pd.RangeIndex(len(rows)))


def _build_plain(table: Table, rows: List[Dict[str, Any]]) -> Any:
    """An array, series or list: the one field's values."""
    import numpy as np

    name, dtype = next(iter(table.columns.items()))
    field = table.fields[0]
    values = [row.get(field.name) for row in rows]
    if table.kind == "array":
        flat = [item for value in values for item in scalars.flat(value, field.seen.shape) or ()]
        return np.asarray(column(flat, dtype, ())).reshape((len(rows), *field.seen.shape))
    if table.kind == "series":
        return column(values, dtype, table.categories.get(name, ()), ordered=name in table.ordered).rename(name)
    return values


def _keys(owners: List[int], dtype: str) -> List[Any]:
    """Row places in a key's dtype: numbers as numbers, anything else as text."""
    if dtype.lower().startswith(("int", "uint", "float")):
        return list(owners)
    return [str(place) for place in owners]


def column(values: List[Any], dtype: str, categories: Sequence[Any], *, ordered: bool = False) -> Any:
    """A series of a dtype from JSON values; None is missing. `categories` are in the order that their codes count by.

    Raises:
        ValueError, TypeError: a value that the dtype can't hold (the check comes before).
    """
    import numpy as np
    import pandas as pd

    if dtype == "category":
        known = pd.CategoricalDtype(list(categories), ordered=ordered)
        codes = known.categories.get_indexer(pd.Index(values, dtype=object))
        return pd.Series(pd.Categorical.from_codes(codes, dtype=known))
    if dtype.startswith("datetime64["):
        return _moments(values, dtype)
    if dtype == "bool" or dtype.startswith(("int", "uint")):
        return pd.Series(np.array(values, dtype=dtype))
    if dtype.startswith("float"):
        return pd.Series(np.array([np.nan if value is None else value for value in values], dtype=dtype))
    if dtype == "object" or dtype.startswith(("<U", "|S")):
        array = np.empty(len(values), dtype=object)
        for place, value in enumerate(values):
            array[place] = np.nan if value is None else value
        return pd.Series(array, dtype=object)
    missing: Any = np.nan if dtype == "str" else pd.NA
    present: Any = [missing if value is None else value for value in values]
    kind: Any = dtype
    return pd.Series(pd.array(present, dtype=kind))


def _moments(values: List[Any], dtype: str) -> Any:
    import numpy as np
    import pandas as pd

    unit, _, zone = dtype[len("datetime64[") : -1].partition(", ")
    texts = ["NaT" if value is None else scalars.moment_text(value) for value in values]
    naive = pd.Series(np.array(texts, dtype="datetime64[{}]".format(unit)))
    return naive.dt.tz_localize("UTC").dt.tz_convert(zone) if zone else naive
