"""Arrays in files, read without numpy: the header is text, the values are bytes of one size."""

import ast
import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CODES = {
    "<f8": "d",
    "<f4": "f",
    "<i8": "q",
    "<i4": "i",
    "<i2": "h",
    "|i1": "b",
    "<u8": "Q",
    "<u4": "I",
    "<u2": "H",
    "|u1": "B",
    "|b1": "?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """An array's type as numpy writes it, its shape, and the bytes of its values in order."""

    dtype: str
    shape: tuple[int, ...]
    content: bytes

    @property
    def size(self) -> int:
        """How many values it holds."""
        count = 1
        for width in self.shape:
            count *= width
        return count

    def values(self) -> Sequence[Any]:
        """The values, flat: numbers where the type is a plain one, else the bytes of each."""
        code = _CODES.get(self.dtype)
        if code:
            return struct.unpack(f"<{self.size}{code}", self.content)
        width = len(self.content) // self.size if self.size else 0
        return [self.content[place * width : (place + 1) * width] for place in range(self.size)]


def read_array(content: bytes) -> Array:
    """The array of an npy file.

    Raises:
        ValueError: it is none.
    """
    if content[:6] != b"\x93NUMPY":
        raise ValueError("no npy file")
    start = 10 if content[6] == 1 else 12
    length = int.from_bytes(content[8:start], "little")
    head = ast.literal_eval(content[start : start + length].decode("latin-1"))
    values = content[start + length :]
    return Array(dtype=str(head["descr"]), shape=tuple(head["shape"]), content=values)


def read_arrays(content: bytes) -> Mapping[str, Array]:
    """The arrays of an npz file by name.

    Raises:
        ValueError: it is none.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if name.endswith(".npy")]
            return {name.removesuffix(".npy"): read_array(archive.read(name)) for name in names}
    except (zipfile.BadZipFile, KeyError, SyntaxError) as error:
        raise ValueError("no npz file") from error


def read_text_array(array: Array) -> Any:
    """JSON that was written as an array of bytes."""
    return json.loads(array.content)
