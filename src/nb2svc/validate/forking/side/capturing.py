"""What cells show outside of a kernel, as the outputs that a notebook has of a kernel."""

from __future__ import annotations

import os
import sys
from typing import Any, Dict, List


class Capture:
    """What cells show, as the outputs of a notebook. Meanwhile the streams tell it what is printed."""

    def __init__(self, streams: Dict[str, Any]) -> None:
        self.outputs: List[Dict[str, Any]] = []
        self.refused = ""
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
            stream.say = self.write
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

    def fail(self, name: str, value: str, traceback: Any) -> None:
        """An error is shown."""
        self.outputs.append({"output_type": "error", "ename": name, "evalue": value, "traceback": list(traceback)})

    def write(self, name: str, text: str) -> None:
        """A stream says something."""
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        elif text:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})


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
                capture.outputs.append(self._output)

    class Publisher(base):  # type: ignore[misc]
        def publish(self, data: Any, metadata: Any = None, **more: Any) -> None:
            if more.get("update"):
                capture.refused = "they change an output that stands already"
            shown = {"output_type": "display_data", "data": clean(encode(data)), "metadata": clean(metadata or {})}
            capture.outputs.append(shown)

        def clear_output(self, *_: Any, **__: Any) -> None:
            capture.refused = "they clear an output"

    return Hook, Publisher
