# ruff: noqa: ARG001, ARG005 - encoders and decoders stand in tables, so all take the same arguments
"""The codec's part for numpy and pandas: scalars, arrays, indexes, series, frames and dtypes.

numpy and pandas are imported only when a value of theirs is met.
"""

from typing import Any, Callable, Dict, List, Optional

from .codec_arrays import Code, decode_dtype, decode_values, encode_dtype, encode_values, numpy_dtype

Document = Dict[str, Any]


def encode(value: Any, code: Code) -> Optional[Document]:
    """The document of a numpy or pandas value; None for any other."""
    kind = value if isinstance(value, type) else type(value)
    root = kind.__module__.split(".")[0]
    if root == "numpy":
        return _encode_numpy(value, code)
    if root == "pandas":
        return _encode_pandas(value, code)
    return None


def decode(document: Document, code: Code) -> Any:
    """The value of a document made by `encode`.

    Raises:
        ValueError: the document names an unknown type.
    """
    name = document["$type"]
    decoder = _DECODERS.get(name)
    if decoder is not None:
        return decoder(document, code)
    if name in _NUMBERS:
        return _decode_number(document)
    raise ValueError("the state names an unknown type {!r}".format(name))


# numpy

_NUMBERS = frozenset({
    "bool_", "str_", "bytes_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
})  # fmt: skip


def _encode_numpy(value: Any, code: Code) -> Optional[Document]:
    import numpy as np

    if type(value) is np.ndarray:
        if value.dtype.kind not in "biufcmMUSO" or value.dtype.str[1:] in ("f16", "c32"):
            return None
        return {"$type": "ndarray", "dtype": numpy_dtype(value.dtype), "shape": list(value.shape), "values": _nested(value, code)}
    if isinstance(value, np.dtype):
        return {"$type": "dtype", "value": numpy_dtype(value)} if value.names is None else None
    if isinstance(value, type) and issubclass(value, np.generic):
        return {"$type": "numpy type", "value": value.__name__}
    if isinstance(value, (np.datetime64, np.timedelta64)):
        dtype = numpy_dtype(value.dtype)
        return {"$type": "numpy time", "dtype": dtype, "value": encode_values(np.asarray([value]), code)[0]}
    if not isinstance(value, np.generic):
        return None
    name = {"bool": "bool_"}.get(type(value).__name__, type(value).__name__)
    return {"$type": name, "value": code(value.item())} if name in _NUMBERS else None


def _decode_number(document: Document) -> Any:
    import numpy as np

    from . import codec

    return getattr(np, document["$type"])(codec.decode(document["value"]))


def _nested(array: Any, code: Code) -> List[Any]:
    flat = encode_values(array.reshape(-1), code)
    for width in reversed(array.shape[1:]):
        if width == 0:
            return []
        flat = [flat[start : start + width] for start in range(0, len(flat), width)]
    return flat if array.ndim else flat[:1]


def _decode_ndarray(document: Document, code: Code) -> Any:
    import numpy as np

    flat = document["values"]
    for _ in document["shape"][1:]:
        flat = [item for row in flat for item in row]
    return decode_values(flat, np.dtype(document["dtype"]), code).reshape(document["shape"])


# pandas values


def _encode_pandas(value: Any, code: Code) -> Optional[Document]:
    import pandas as pd

    if value is pd.NA or value is pd.NaT:
        return {"$type": "NA" if value is pd.NA else "NaT"}
    if isinstance(value, pd.api.extensions.ExtensionDtype):
        dtype = encode_dtype(value, code)
        return dtype if isinstance(dtype, dict) else {"$type": "dtype", "value": dtype}
    for kind, encoder in (
        (pd.Timestamp, _encode_timestamp),
        (pd.Timedelta, _encode_timedelta),
        (pd.Interval, _encode_interval),
        (pd.Period, _encode_period),
        (pd.Index, _encode_index),
        (pd.Series, _encode_series),
        (pd.DataFrame, _encode_frame),
        (pd.api.extensions.ExtensionArray, _encode_array),
    ):
        if isinstance(value, kind):
            return encoder(value, code)
    return None


def _encode_timestamp(value: Any, code: Code) -> Document:
    zone = {} if value.tz is None else {"tz": str(value.tz)}
    naive = value if value.tz is None else value.tz_convert(None)
    moment = naive.to_datetime64()
    import numpy as np

    return {"$type": "Timestamp", "value": str(moment), "unit": np.datetime_data(moment.dtype)[0], **zone}


def _decode_timestamp(document: Document, code: Code) -> Any:
    import numpy as np
    import pandas as pd

    value = pd.Timestamp(np.datetime64(document["value"], document["unit"]))
    return value.tz_localize("UTC").tz_convert(document["tz"]) if "tz" in document else value


def _encode_timedelta(value: Any, code: Code) -> Document:
    import numpy as np

    count = value.to_timedelta64()
    return {"$type": "Timedelta", "value": int(count.astype("int64")), "unit": np.datetime_data(count.dtype)[0]}


def _decode_timedelta(document: Document, code: Code) -> Any:
    import numpy as np
    import pandas as pd

    return pd.Timedelta(np.timedelta64(document["value"], document["unit"]))


def _encode_interval(value: Any, code: Code) -> Document:
    return {"$type": "Interval", "left": code(value.left), "right": code(value.right), "closed": value.closed}


def _decode_interval(document: Document, code: Code) -> Any:
    import pandas as pd

    return pd.Interval(code(document["left"]), code(document["right"]), closed=document["closed"])


def _encode_period(value: Any, code: Code) -> Document:
    return {"$type": "Period", "value": int(value.ordinal), "freq": value.freqstr, "text": str(value)}


def _decode_period(document: Document, code: Code) -> Any:
    import pandas as pd

    return pd.Period(ordinal=document["value"], freq=document["freq"])


def _encode_array(value: Any, code: Code) -> Document:
    return {"$type": "array", "dtype": encode_dtype(value.dtype, code), "values": encode_values(value, code)}


def _decode_array(document: Document, code: Code) -> Any:
    import pandas as pd

    array = decode_values(document["values"], decode_dtype(document["dtype"], code), code)
    return pd.array(array, dtype=array.dtype)


def _encode_index(value: Any, code: Code) -> Document:
    import pandas as pd

    if isinstance(value, pd.RangeIndex):
        return {"$type": "RangeIndex", "range": [value.start, value.stop, value.step], "name": code(value.name)}
    if isinstance(value, pd.MultiIndex):
        levels = [_encode_index(level, code) for level in value.levels]
        codes = [list(map(int, places)) for places in value.codes]
        return {"$type": "MultiIndex", "names": [code(name) for name in value.names], "levels": levels, "codes": codes}
    freq = getattr(value, "freqstr", None)
    return {
        "$type": "Index",
        "name": code(value.name),
        "dtype": encode_dtype(value.dtype, code),
        **({"freq": freq} if freq and not isinstance(value, pd.PeriodIndex) else {}),
        "values": encode_values(value.array, code),
    }


def _decode_index(document: Document, code: Code) -> Any:
    import pandas as pd

    name = code(document["name"])
    dtype = decode_dtype(document["dtype"], code)
    index = pd.Index(decode_values(document["values"], dtype, code), dtype=dtype, name=name)
    if document.get("freq"):
        index.freq = document["freq"]
    return index


def _decode_range(document: Document, code: Code) -> Any:
    import pandas as pd

    return pd.RangeIndex(range(*document["range"]), name=code(document["name"]))


def _decode_multi(document: Document, code: Code) -> Any:
    import pandas as pd

    levels = [code(level) for level in document["levels"]]
    return pd.MultiIndex(levels=levels, codes=document["codes"], names=[code(name) for name in document["names"]])


def _encode_series(value: Any, code: Code) -> Document:
    index = _encode_index(value.index, code)
    values = encode_values(value.array, code)
    head = {"$type": "Series", "name": code(value.name), "dtype": encode_dtype(value.dtype, code)}
    if index["$type"] != "Index":
        return {**head, "index": index, "values": values}
    keys = index.pop("values")
    return {**head, "index": index, "pairs": [[key, item] for key, item in zip(keys, values)]}


def _decode_series(document: Document, code: Code) -> Any:
    import pandas as pd

    index, values = document["index"], document.get("values")
    if values is None:
        index = {**index, "values": [key for key, _ in document["pairs"]]}
        values = [item for _, item in document["pairs"]]
    dtype = decode_dtype(document["dtype"], code)
    return pd.Series(decode_values(values, dtype, code), index=code(index), dtype=dtype, name=code(document["name"]))


def _encode_frame(value: Any, code: Code) -> Document:
    columns = [value.iloc[:, place] for place in range(value.shape[1])]
    lists = [encode_values(column.array, code) for column in columns]
    return {
        "$type": "DataFrame",
        "columns": _encode_index(value.columns, code),
        "index": _encode_index(value.index, code),
        "dtypes": [encode_dtype(column.dtype, code) for column in columns],
        "rows": [list(row) for row in zip(*lists)],
    }


def _decode_frame(document: Document, code: Code) -> Any:
    import pandas as pd

    index = code(document["index"])
    lists: List[List[Any]] = [list(column) for column in zip(*document["rows"])]
    dtypes = [decode_dtype(dtype, code) for dtype in document["dtypes"]]
    lists = lists or [[] for _ in dtypes]
    columns = [pd.Series(decode_values(values, dtype, code), index=index, dtype=dtype) for values, dtype in zip(lists, dtypes)]
    frame = pd.DataFrame(dict(enumerate(columns)), index=index)
    frame.columns = code(document["columns"])
    return frame


def _decode_numpy_time(document: Document, code: Code) -> Any:
    import numpy as np

    return decode_values([document["value"]], np.dtype(document["dtype"]), code)[0]


def _decode_numpy_type(document: Document) -> Any:
    import numpy as np

    return getattr(np, document["value"])


def _missing(name: str) -> Any:
    import pandas as pd

    return getattr(pd, name)


_DECODERS: Dict[str, Callable[[Document, Code], Any]] = {
    "ndarray": _decode_ndarray,
    "numpy time": _decode_numpy_time,
    "numpy type": lambda document, code: _decode_numpy_type(document),
    "dtype": lambda document, code: decode_dtype(document["value"], code),
    "CategoricalDtype": decode_dtype,
    "NA": lambda document, code: _missing("NA"),
    "NaT": lambda document, code: _missing("NaT"),
    "Timestamp": _decode_timestamp,
    "Timedelta": _decode_timedelta,
    "Interval": _decode_interval,
    "Period": _decode_period,
    "array": _decode_array,
    "Index": _decode_index,
    "RangeIndex": _decode_range,
    "MultiIndex": _decode_multi,
    "Series": _decode_series,
    "DataFrame": _decode_frame,
}
