"""What cells show outside of a kernel, as the outputs that a notebook has of a kernel.

A kernel holds back what is printed, each stream by itself, for a fifth of a second or until something else is shown:

    print("fits"); warnings.warn("slowly"); print("done")    is    stdout: fits, done    stderr: slowly
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import deque
from typing import Any, Deque, Dict, List, Set, Tuple

# In this order they are let out, so long after what came first (ipykernel's OutStream).
_STREAMS = ("stdout", "stderr")
_HELD = 0.2
UNLIKE = "an error came from what stands for one"


class Capture:
    """What cells show, as the outputs of a notebook. Meanwhile the streams tell it what is printed."""

    def __init__(self, streams: Dict[str, Any]) -> None:
        self.outputs: List[Dict[str, Any]] = []
        self.refused = ""
        self._held: Dict[str, List[str]] = {}
        self._due: Deque[Tuple[float, str]] = deque()
        self._expected: Set[str] = set()
        self._passed = False
        self._streams = streams
        self._kept: Dict[str, Any] = {}
        self._file = -1

    def __enter__(self) -> None:
        self._file = os.memfd_create("nb2svc-shared")
        self._sizes = os.dup(1), os.dup(2)
        for number in (1, 2):
            os.dup2(self._file, number)
        for name, stream in self._streams.items():
            self._kept[name] = getattr(sys, name)
            stream.say, stream.let_out, stream.miss = self.write, self.let_out, self._miss
            setattr(sys, name, stream)

    def __exit__(self, *_: object) -> None:
        if any(getattr(sys, name) is not stream for name, stream in self._streams.items()):
            self.refused = "they put something in place of a stream"
        for name, kept_stream in self._kept.items():
            kept_stream.flush()
            setattr(sys, name, kept_stream)
        self._passed = os.fstat(self._file).st_size > 0
        for number, kept in zip((1, 2), self._sizes):
            os.dup2(kept, number)
            os.close(kept)
        os.close(self._file)

    def passed(self) -> bool:
        """Whether anything was written to the process's own streams."""
        return self._passed

    @staticmethod
    def talks() -> bool:
        """Whether there is something that talks with the page, as a widget does: without a kernel nobody hears it."""
        manager = getattr(sys.modules.get("comm"), "get_comm_manager", None)
        return manager is not None and bool(manager().comms)

    def taken(self) -> List[Dict[str, Any]]:
        """What was shown since this was asked before."""
        self.let_out(*_STREAMS)
        shown, self.outputs = self.outputs, []
        for output in shown:
            if output["output_type"] == "stream":
                output["text"] = self._sendable("".join(output["text"]), "")
        return shown

    def show(self, output: Dict[str, Any]) -> None:
        """Something is shown that is no stream; it is told as it is now, whatever becomes of it."""
        self.let_out(*_STREAMS)
        sendable = self._sendable(output, None)
        if sendable is not None:
            self.outputs.append(sendable)

    def fail(self, name: str, error: Any, traceback: Any) -> None:
        """An error is shown."""
        try:
            value = str(error)
        except Exception:
            self.refused = UNLIKE
            raise
        self.show({"output_type": "error", "ename": name, "evalue": value, "traceback": list(traceback)})

    def write(self, name: str, text: str) -> None:
        """A stream says something."""
        self._elapse()
        self._held.setdefault(name, []).append(text)
        if name not in self._expected:
            # The clock of what was let out before its time goes on, too.
            self._expected.add(name)
            self._due.append((time.monotonic() + _HELD, name))

    def let_out(self, *names: str) -> None:
        """What these streams hold back is shown."""
        self._elapse()
        for name in names:
            self._out(name)

    def _elapse(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            self._out(self._due.popleft()[1])

    def _out(self, name: str) -> None:
        self._expected.discard(name)
        texts = [text for text in self._held.pop(name, ()) if text]
        last = self.outputs[-1] if self.outputs else {}
        if texts and last.get("output_type") == "stream" and last["name"] == name:
            last["text"].extend(texts)
        elif texts:
            self.outputs.append({"output_type": "stream", "name": name, "text": texts})

    def _miss(self) -> None:
        self.refused = "they ask a stream for what a kernel's has"

    def _sendable(self, value: Any, other: Any) -> Any:
        """A copy of what can be sent by a kernel as it is, else `other`: it would warn, change it or raise into the cell."""
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
            text.encode()
        except (TypeError, ValueError, RecursionError):
            self.refused = "what they show can't be sent as it is"
            return other
        return json.loads(text)


def classes(capture: Capture) -> Any:
    """The classes that a shell shows values by."""
    from ipykernel.jsonutil import encode_images, json_clean
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher

    # Older ones have no types.
    clean: Any = json_clean
    encode: Any = encode_images
    base: Any = DisplayPublisher

    class Hook(DisplayHook):
        def start_displayhook(self) -> None:
            self._output: Dict[str, Any] = {"output_type": "execute_result", "data": {}, "metadata": {}}

        def write_output_prompt(self) -> None:
            self._output["execution_count"] = self.prompt_count

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            self._output.update(data=clean(encode(format_dict)), metadata=clean(md_dict or {}))

        def finish_displayhook(self) -> None:
            if self._output["data"]:
                capture.show(self._output)

    class Publisher(base):  # type: ignore[misc]
        def publish(self, data: Any, metadata: Any = None, **more: Any) -> None:
            self._validate_data(data, metadata)
            if (more.get("transient") or {}).get("display_id"):
                capture.refused = "they show an output that can be changed later"
            if more.get("update"):
                capture.refused = "they change an output that stands already"
            capture.show({"output_type": "display_data", "data": clean(encode(data)), "metadata": clean(metadata or {})})

        def clear_output(self, *_: Any, **__: Any) -> None:
            capture.refused = "they clear an output"

    return Hook, Publisher
