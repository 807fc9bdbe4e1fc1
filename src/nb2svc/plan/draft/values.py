"""What an expression is made of, as far as the source tells, and the tables of calls that decide it."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from nb2svc.analysis.knowledge import REDUCTIONS

# `rows`: a value a row; `state`: few values made of many rows; `groups`: rows parted by a key; `plain`: made of no rows.
Kind = Literal["plain", "rows", "state", "groups"]

FRAME, SERIES, ARRAY = "pandas.DataFrame", "pandas.Series", "numpy.ndarray"


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """An expression in the code, or a function that is handed over.

    `keys` are the loop variables around it, innermost last; `within` says that a function, lambda or comprehension, not the
    statement itself, evaluates it.
    """

    statement: int
    node: ast.expr | Function
    keys: tuple[str, ...] = ()
    within: bool = False


# Where a walk stands before it has come to an expression.
NOWHERE = ast.Constant(None)


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a value: `tables` are the raw values whose rows it has, `sites` where a state-kind value was made."""

    kind: Kind = "plain"
    type: str = ""
    tables: frozenset[str] = frozenset()
    mask: bool = False
    sites: tuple[Site, ...] = ()

    def of_type(self, kind: str) -> "Value":
        """The same rows in another container."""
        return replace(self, type=kind, mask=False)


PLAIN = Value()
_RANK: dict[Kind, int] = {"plain": 0, "state": 1, "groups": 2, "rows": 3}


def joined(values: Iterable[Value]) -> Value:
    """A value made of others: it has rows where one of them has, and is state-kind where the others are made of none."""
    found = [value for value in values if value.kind != "plain"]
    if not found:
        return PLAIN
    kind = max((value.kind for value in found), key=_RANK.__getitem__)
    kind = "rows" if kind == "groups" else kind
    types = {value.type for value in found if value.kind == kind}
    return Value(
        kind=kind,
        type=types.pop() if len(types) == 1 else "",
        tables=frozenset[str]().union(*(value.tables for value in found)),
        sites=tuple(dict.fromkeys(site for value in found for site in value.sites)) if kind == "state" else (),
    )


# Methods of a frame that give a frame, and attributes and methods that part with the container.
SAME_TYPE = frozenset(
    """abs add assign astype bfill clip copy dropna drop_duplicates explode ffill fillna filter head interpolate join mask merge
    mul nlargest nsmallest query reindex rename replace reset_index round sample select_dtypes set_index sort_index sort_values
    str sub tail where drop transform isin isna notna between map apply""".split()
)
OF_ARRAYS = frozenset({"to_numpy", "values"})
PARTS_OF_GROUPS = REDUCTIONS | {"agg", "aggregate", "apply", "first", "last", "nth", "ngroup"}
OF_EACH_ROW: tuple[object, ...] = (1, -1, "columns")

# Reductions that are methods of texts and lists, too, or that any value has: they say nothing without rows of a table.
AGGREGATED = (REDUCTIONS | {"corr", "cov", "corrwith"}) - {"len", "size"}
NUMPY_AGGREGATED = frozenset({"mean", "median", "max", "min", "sum", "std", "var", "percentile", "quantile", "unique"}) | {
    f"nan{name}" for name in ("mean", "median", "max", "min", "sum", "std", "var", "percentile", "quantile")
}

# Row-aligned calls that look at the other rows: the run tells how each is served.
ALIGNED = frozenset(
    """get_dummies fit_transform fit_predict Categorical cut qcut rank factorize scale zscore minmax_scale maxabs_scale
    robust_scale shift diff pct_change rolling expanding ewm cumsum cumprod cummax cummin cumcount pivot pivot_table crosstab
    interpolate ffill bfill explode resample winsorize boxcox yeojohnson quantile_transform power_transform rankdata""".split()
)

MASKS = frozenset(
    """isin isna isnull notna notnull between duplicated contains startswith endswith match eq ne lt le gt ge isnumeric
    isdigit isalpha isfinite isnan""".split()
)
SELECTING = frozenset(
    """dropna drop_duplicates query sample head tail nlargest nsmallest truncate sort_values sort_index""".split()
)
SPLITTING = frozenset({"train_test_split"})


def called(node: ast.AST) -> str:
    """The name of what is called: `pd.get_dummies(…)` → get_dummies; "" where it is no call."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def argument(node: ast.Call, place: int, name: str) -> ast.expr | None:
    """An argument by its place or name."""
    named = next((each.value for each in node.keywords if each.arg == name), None)
    return named if named is not None else node.args[place] if len(node.args) > place else None


def texts(node: ast.AST | None) -> tuple[str, ...] | None:
    """The texts of a literal list of texts, or of one text; None where it is something else."""
    match node:
        case ast.Constant(value=str(text)):
            return (text,)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            found = tuple(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
            return found if len(found) == len(parts) else None
        case _:
            return None
