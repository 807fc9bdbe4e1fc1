"""The final pass: the edited program, flat, on all rows with a learning state; and its replay as the service would run it."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from typing import Any, Callable, Dict, List, Tuple

from .edits import Edit
from .request import runtime_module
from .sample import Tables
from .served import FlatRunner, Outcome, learning_texts

_NONE = object()


class Remembering:
    """A state for code that runs a second time (a test set): what is known is remembered, the rest is learned.

    `aside` learns nothing: it is for the notebook's own way to its prediction rows, which is none of the service's.
    """

    def __init__(self, state: Any, *, aside: bool = False) -> None:
        self._state = state
        self._aside = aside

    @property
    def learning(self) -> bool:
        """As the state says."""
        return bool(self._state.learning)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        state = self._state

        def learned(how: Callable[[], Any], key: Any = _NONE) -> Any:
            arguments = () if key is _NONE else (key,)
            known = state.entries().get(name, _NONE)
            if known is _NONE or (key is not _NONE and key not in known):
                return how() if self._aside else getattr(state, name)(how, *arguments)
            return getattr(state.remember(), name)(how, *arguments)

        return learned

    def categories(self, frame: Any, columns: Any, suffix: str = "") -> Any:
        """As State.categories."""
        known = all("{}_categories{}".format(column, suffix) in self._state.entries() for column in columns)
        if self._aside and not known:
            return frame
        return (self._state.remember() if known else self._state).categories(frame, columns, suffix)


def _aside(state: Any) -> Remembering:
    return Remembering(state, aside=True)


def learn_all(flat: FlatRunner, tables: Tables, edits: Dict[int, Edit]) -> Tuple[Any, Outcome]:
    """Run the edited program on all rows, learning; the state, and what the run left.

    Raises:
        Stopped: an edited statement raised.
    """
    state = runtime_module("state").State(learning=True)
    outcome = flat.run(learning_texts(flat.program, edits), tables, state, after_fit=Remembering, aside=_aside)
    return state, outcome


def learned_json(state: Any, folder: str) -> List[Dict[str, Any]]:
    """The learned values as the wire has them; objects without a JSON form become pickles in `learned/`."""
    codec = runtime_module("codec")
    keyed = runtime_module("state").Keyed
    found = []
    for slot, value in state.entries().items():
        if isinstance(value, keyed):
            for place, (key, inner) in enumerate(value.items()):
                found.append(_entry(codec, folder, slot, inner, key=codec.dumps(key), file="{}_{}".format(slot, place)))
        else:
            found.append(_entry(codec, folder, slot, value, key="", file=slot))
    return found


def _entry(codec: Any, folder: str, slot: str, value: Any, *, key: str, file: str) -> Dict[str, Any]:
    kind = type(value)
    entry = {
        "slot": slot,
        "key": key,
        "value": "",
        "type": "{}.{}".format(kind.__module__, kind.__qualname__),
        "file": "",
        "sha256": "",
    }
    try:
        entry["value"] = codec.dumps(value)
    except codec.NotJson:
        # Slots hold column names: only the digest of one is safe as a file's name.
        name = file if file.isidentifier() else "c" + hashlib.sha256(file.encode()).hexdigest()[:12]
        entry["file"] = "learned/{}.pkl".format(name)
        entry["sha256"] = write_pickle(folder, entry["file"], value)
    return entry


def write_pickle(folder: str, file: str, value: Any) -> str:
    """Write a pickle into the capture's folder; its SHA-256."""
    path = os.path.join(folder, file)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    content = pickle.dumps(value, protocol=4)
    with open(path, "wb") as stream:
        stream.write(content)
    return hashlib.sha256(content).hexdigest()


def write_json(path: str, document: Dict[str, Any]) -> None:
    """Write a document whole or not at all."""
    temporary = path + ".new"
    with open(temporary, "w", encoding="utf-8") as stream:
        json.dump(document, stream, ensure_ascii=True, indent=1, allow_nan=False)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)
