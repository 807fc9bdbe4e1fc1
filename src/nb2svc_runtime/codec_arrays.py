"""The codec's part for the items of one array, and for dtypes.

In an array of numbers or times `null` is the missing value and infinities are the texts "inf" and "-inf"; arrays of
objects hold each value by the codec's rules. Times are ISO 8601 texts (in UTC where there is a zone), durations counts
of their unit.
"""

import math
from typing import Any, Callable, List

Code = Callable[[Any], Any]


def encode_values(array: Any, code: Code) -> List[Any]:
    """The items of a one-dimensional numpy or pandas array, readable for its dtype."""
    import numpy as np
    import pandas as pd

    if type(array.dtype).__name__ in ("NumpyEADtype", "PandasDtype"):  # a numpy array in pandas' coat
        array = array.to_numpy()
    dtype = array.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        names = encode_values(dtype.categories.array, code)
        return [names[place] if place >= 0 else None for place in pd.Categorical(array).codes]
    if isinstance(dtype, np.dtype):
        array = np.asarray(array)
        if dtype.kind == "f":
            return [_encode_float(item) for item in array.tolist()]
        if dtype.kind in "biu" or dtype.kind == "U":
            return list(array.tolist())
        if dtype.kind == "M":
            return [None if np.isnat(item) else str(item) for item in array]
        if dtype.kind == "m":
            return [None if np.isnat(item) else int(item.astype("int64")) for item in array]
        return [code(item) for item in array.tolist()]
    if isinstance(dtype, pd.DatetimeTZDtype):
        return encode_values(pd.DatetimeIndex(array).tz_convert(None).to_numpy(), code)
    if isinstance(dtype, pd.StringDtype) or _nullable(dtype):
        missing = pd.isna(array).tolist()
        return [None if gone else code(_plain(item)) for item, gone in zip(array, missing)]
    return [code(item) for item in array]


def decode_values(values: List[Any], dtype: Any, code: Code) -> Any:
    """The array (numpy or pandas) of `dtype` with these items."""
    import numpy as np
    import pandas as pd

    if isinstance(dtype, pd.CategoricalDtype):
        from . import codec

        names = {repr(name): place for place, name in enumerate(encode_values(dtype.categories.array, codec.encode))}
        return pd.Categorical.from_codes([names.get(repr(item), -1) for item in values], dtype=dtype)
    if isinstance(dtype, np.dtype):
        if dtype.kind == "f":
            return np.array([_decode_float(item) for item in values], dtype=dtype)
        if dtype.kind == "M":
            return np.array([np.datetime64("NaT" if item is None else item) for item in values], dtype=dtype)
        if dtype.kind == "m":
            least = np.iinfo("int64").min  # how numpy stores NaT
            return np.array([least if item is None else item for item in values], dtype="int64").view(dtype)
        if dtype.kind in "biuU":
            return np.array(values, dtype=dtype)
        array = np.empty(len(values), dtype=dtype)
        for place, item in enumerate(values):
            array[place] = code(item)
        return array
    if isinstance(dtype, pd.DatetimeTZDtype):
        naive = decode_values(values, np.dtype("datetime64[{}]".format(dtype.unit)), code)
        return pd.DatetimeIndex(naive).tz_localize("UTC").tz_convert(dtype.tz).array
    if isinstance(dtype, pd.StringDtype) or _nullable(dtype):
        return pd.array([dtype.na_value if item is None else code(item) for item in values], dtype=dtype)
    return pd.array([code(item) for item in values], dtype=dtype)


def _encode_float(item: float) -> Any:
    if math.isfinite(item):
        return item
    return None if math.isnan(item) else repr(item)


def _decode_float(item: Any) -> float:
    return math.nan if item is None else float(item)


def _plain(item: Any) -> Any:
    return item.item() if type(item).__module__ == "numpy" else item


def _nullable(dtype: Any) -> bool:
    return type(dtype).__module__.startswith("pandas.core.arrays") and type(dtype).__name__ in (
        "BooleanDtype", "Int8Dtype", "Int16Dtype", "Int32Dtype", "Int64Dtype", "UInt8Dtype", "UInt16Dtype", "UInt32Dtype",
        "UInt64Dtype", "Float32Dtype", "Float64Dtype",
    )  # fmt: skip


def encode_dtype(dtype: Any, code: Code) -> Any:
    """A dtype as text, or as an object where it holds categories."""
    import numpy as np
    import pandas as pd

    if isinstance(dtype, np.dtype):
        return numpy_dtype(dtype)
    if isinstance(dtype, pd.CategoricalDtype):
        categories = None if dtype.categories is None else code(dtype.categories)
        return {"$type": "CategoricalDtype", "categories": categories, "ordered": bool(dtype.ordered)}
    if isinstance(dtype, pd.StringDtype):
        return "str" if dtype.na_value is not pd.NA else "string[{}]".format(dtype.storage)
    if isinstance(dtype, pd.IntervalDtype) and dtype.subtype is not None:
        return "interval[{}, {}]".format(dtype.subtype, dtype.closed)
    return str(dtype)


def decode_dtype(document: Any, code: Code) -> Any:
    """The dtype that `encode_dtype` wrote."""
    import pandas as pd

    if isinstance(document, dict):
        categories = None if document["categories"] is None else code(document["categories"])
        return pd.CategoricalDtype(categories, ordered=document["ordered"])
    return pd.api.types.pandas_dtype(document)


def numpy_dtype(dtype: Any) -> str:
    """A numpy dtype as text."""
    return "object" if dtype.kind == "O" else str(dtype)
