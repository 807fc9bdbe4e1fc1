"""The proof as a build prints it: three lines, and what to look at where it failed.

proof    decision 488 of 488 · model inputs 1,947 of 1,947 · alone 500 of 1,947 · shuffled · JSON · HTTP      identical
         training.py trained the same model again
"""

from nb2svc.ir.verdict import Mode, Verdict

_WORDS = {
    "predictions": "predictions",
    "inputs": "model inputs",
    "dropped": "dropped rows",
    "alone": "alone",
    "shuffled": "shuffled",
    "columns": "columns reordered",
    "extra": "extra fields",
    "repeat": "repeated",
    "unmutated": "inputs untouched",
    "json": "JSON",
    "target": "another target",
    "http": "HTTP",
}
_SAID_APART = frozenset({"retrain", "checks"})
_COUNTED = frozenset({"predictions", "inputs", "alone", "http"})


def proof_lines(verdict: Verdict, *, output: str = "predictions") -> tuple[str, ...]:
    """The proof in three lines or less; with more where it failed. `output` is the answer's name."""
    replayed = [
        mode for mode in verdict.modes if mode.name not in _SAID_APART and mode.compared and mode.status in ("pass", "warn")
    ]
    failed = [mode for mode in verdict.modes if mode.status == "fail"]
    lines = []
    if replayed:
        edges = f"identical but for {len(verdict.knife_edges)} knife edges" if verdict.knife_edges else "identical"
        lines.append(" · ".join(_said(mode, output) for mode in replayed) + f"      {edges}")
    lines.append(" · ".join(filter(None, (_trained(verdict), _checked(verdict), _otherwise(verdict)))))
    lines.append(_left_out(verdict))
    lines += [_failure(mode, output) for mode in failed]
    if verdict.divergence is not None:
        found = verdict.divergence
        lines.append(f"first differs in {found.span}, column {found.column}: {found.text}")
    return tuple(line for line in lines if line)


def _said(mode: Mode, output: str) -> str:
    word = output if mode.name == "predictions" else _WORDS.get(mode.name, mode.name)
    counted = mode.name in _COUNTED or mode.compared < mode.total
    return f"{word} {mode.compared:,} of {mode.total:,}" if counted else word


def _trained(verdict: Verdict) -> str:
    mode = verdict.mode("retrain")
    if mode is None or mode.status in ("not_evaluated", "fail"):
        return ""
    if mode.status == "pass":
        return "training.py trained the same model again"
    # The proof holds, for it is the notebook's model that is served; that nobody can make it again is what OPS-02 says no to.
    return f"training.py trained another model, so OPS-02 fails: {mode.note}" if mode.different else f"training.py: {mode.note}"


def _checked(verdict: Verdict) -> str:
    mode = verdict.mode("checks")
    if mode is None or mode.status != "pass":
        return ""
    return f"{mode.compared} of {mode.total} checks passed" if mode.total != 1 else "its check passed"


def _otherwise(verdict: Verdict) -> str:
    if not verdict.prepared_otherwise:
        return ""
    return f"{verdict.prepared_otherwise:,} rows prepared otherwise in cell {verdict.prepared_cell}, counted apart"


def _left_out(verdict: Verdict) -> str:
    left = [mode for mode in verdict.modes if mode.status == "not_evaluated"]
    said = " · ".join(f"{_WORDS.get(mode.name, mode.name)} ({mode.note})" for mode in left)
    return f"not evaluated: {said}" if left else ""


def _failure(mode: Mode, output: str) -> str:
    word = output if mode.name == "predictions" else _WORDS.get(mode.name, mode.name)
    told = f"{word}: {mode.different:,} of {mode.compared:,} differ" if mode.compared else f"{word}: failed"
    if not mode.differences:
        return f"{told} ({mode.note})" if mode.note else told
    first = mode.differences[0]
    where = " ".join(filter(None, (f"row {first.row}" if first.row >= 0 else "", first.column)))
    return f"{told}, first {where}: the notebook has {first.expected}, the service {first.actual}".replace("first :", "first:")
