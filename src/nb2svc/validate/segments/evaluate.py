"""Has a run's kernel evaluate checks and metrics by segment when its cells have ended."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nb2svc.capture.copy import RECORDER
from nb2svc.errors import InternalError
from nb2svc.ir.codec import to_json
from nb2svc.ir.dataflow import Dataflow
from nb2svc.ir.notebook import Notebook
from nb2svc.validate.segments.plan import plan_segments

if TYPE_CHECKING:
    from nb2svc.validate.watched import Watched

_SIDES = {name: Path(__file__).with_name(f"kernel_{name}.py") for name in ("side", "turn", "rows")}
_BOOT = """
def __nb2svc_segments__():
    import builtins, types
    for name, text in {sides!r}.items():
        module = types.ModuleType("nb2svc_segments_" + name)
        exec(compile(text, "nb2svc_segments_" + name + ".py", "exec"), module.__dict__)
        setattr(builtins.{recorder}, name, module)
__nb2svc_segments__(); del __nb2svc_segments__
"""

Seen = Mapping[str, Any]
"""{"from": …, "whole": …, "parts": …}, or {"refused": {"what": …, "why": …, "fix": …}}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """The columns whose values make segments, and the notebook that they are asked of."""

    columns: tuple[str, ...]
    notebook: Notebook
    dataflow: Dataflow

    def evaluate(self, watched: "Watched", *, silently: Callable[[str], Any], ask: Callable[[str], Any]) -> Seen | None:
        """What the kernel says; None where it said nothing."""
        sides = {name: file.read_text(encoding="utf-8") for name, file in _SIDES.items()}
        reply = silently(_BOOT.format(sides=sides, recorder=RECORDER))
        if reply["status"] != "ok":
            raise InternalError("segments can't be evaluated in the kernel", details=json.dumps(reply, indent=1)[:4000])
        planned = plan_segments(self.notebook, self.dataflow, watched, {})
        if planned.asked:
            kinds = ask(f"{RECORDER}.side.kinds(get_ipython(), {RECORDER}, {list(planned.asked)!r})") or {}
            planned = plan_segments(self.notebook, self.dataflow, watched, kinds)
        if planned.plan is None:
            first = planned.refused[0]
            where = self.notebook.place(first.span) if first.span else ""
            return {"refused": {"what": first.what, "why": first.why, "fix": first.fix, "where": where}}
        text = json.dumps({**to_json(planned.plan), "columns": list(self.columns)})
        seen = ask(f"{RECORDER}.side.evaluate(get_ipython(), {RECORDER}, {text!r})")
        return {**seen, "untouched": list(planned.plan.untouched)} if seen else None
