"""Large tables and arrays as npz files: numbers and times as they are, everything else as the codec's JSON."""

import io
import json
from typing import Any, Dict

from . import codec
from .codec_arrays import decode_dtype, decode_values, encode_dtype, encode_values

_PLAIN = "biufcmM"


def size(value: Any) -> int:
    """How many values a table, array or container holds (its own items; 1 for anything else)."""
    found = getattr(value, "size", None)
    if isinstance(found, int):
        return found
    return len(value) if isinstance(value, (list, tuple, dict, set, frozenset)) else 1


def holds(value: Any) -> bool:
    """Whether `dump` can write it: an array, series or frame (not subclasses of them)."""
    import numpy as np
    import pandas as pd

    return type(value) in (np.ndarray, pd.Series, pd.DataFrame) and not (
        type(value) is np.ndarray and value.dtype.kind not in _PLAIN
    )


def dump(value: Any) -> bytes:
    """The table as the bytes of an npz file; the same table gives the same bytes."""
    import numpy as np
    import pandas as pd

    arrays: Dict[str, Any] = {}
    if isinstance(value, np.ndarray):
        head: Dict[str, Any] = {"is": "ndarray"}
        arrays["values"] = np.ascontiguousarray(value)
    else:
        frame = value.to_frame(name=0) if isinstance(value, pd.Series) else value
        series = [frame.iloc[:, place] for place in range(frame.shape[1])]
        head = {
            "is": type(value).__name__,
            "name": codec.encode(value.name) if isinstance(value, pd.Series) else None,
            "columns": None if isinstance(value, pd.Series) else codec.encode(frame.columns),
            "dtypes": [encode_dtype(column.dtype, codec.encode) for column in series],
        }
        arrays["index"] = _bytes(codec.encode(frame.index))
        for place, column in enumerate(series):
            plain = isinstance(column.dtype, np.dtype) and column.dtype.kind in _PLAIN
            arrays["column_{}".format(place)] = column.to_numpy() if plain else _bytes(encode_values(column.array, codec.encode))
    out = io.BytesIO()
    np.savez(out, head=_bytes(head), **arrays)
    return out.getvalue()


def restore(content: bytes) -> Any:
    """The table of a file that `dump` wrote; never unpickles."""
    import numpy as np
    import pandas as pd

    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        head = _document(arrays["head"])
        if head["is"] == "ndarray":
            return arrays["values"]
        index = codec.decode(_document(arrays["index"]))
        columns = {}
        for place, document in enumerate(head["dtypes"]):
            dtype, items = decode_dtype(document, codec.decode), arrays["column_{}".format(place)]
            plain = isinstance(dtype, np.dtype) and dtype.kind in _PLAIN
            values = items if plain else decode_values(_document(items), dtype, codec.decode)
            columns[place] = pd.Series(values, index=index, dtype=dtype)
    if head["is"] == "Series":
        return columns[0].rename(codec.decode(head["name"]))
    frame = pd.DataFrame(columns, index=index)
    frame.columns = codec.decode(head["columns"])
    return frame


def _bytes(document: Any) -> Any:
    import numpy as np

    return np.frombuffer(codec.text(document).encode("utf-8"), dtype="uint8")


def _document(array: Any) -> Any:
    return json.loads(array.tobytes())
