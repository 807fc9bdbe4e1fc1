"""What came of a build, from what `nb2svc build --format json` said: judged, compared with what was expected, shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus_entries import Entry, Kind

# The first modes are the proof's oracles: the notebook's own predictions and its own model inputs.
_ORACLES = ("predictions", "inputs")
_KINDS: Mapping[int, Kind] = {1: "not proved", 3: "refused", 4: "could not run", 5: "could not run"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One build: what came of it in one word, in one sentence, and which refusals were found (`NB210 at 12:3`)."""

    kind: Kind
    text: str
    found: tuple[str, ...] = ()


def judge(code: int, output: str) -> Outcome:
    """The outcome of a build with this exit code and these lines.

    A project that was proved, while its checklist stops the release, is `held`.
    """
    answer = _document(output)
    if answer is None:
        return Outcome(kind="broken", text=f"exit {code} without an answer: {output.strip()[-200:]}")
    if answer.get("passed"):
        proof, red = _proof(answer["verdict"]), _red(answer["readiness"])
        return Outcome(kind="held", text=f"{proof}; held by {red}") if code else Outcome(kind="built", text=proof)
    error = answer.get("error") or {}
    kind = _KINDS.get(code, "broken")
    if kind == "refused" and (refused := [one for one in answer.get("findings", []) if one["severity"] == "refusal"]):
        return Outcome(kind=kind, text=_sentence(refused), found=tuple(sorted({_place(one) for one in refused})))
    words = (error.get("what"), error.get("where"), error.get("why"))
    return Outcome(kind=kind, text=": ".join(str(word).strip() for word in words if word))


def differs(entry: Entry, outcome: Outcome) -> bool:
    """Whether another thing came than was expected."""
    return (entry.expect, set(entry.found)) != (outcome.kind, set(outcome.found))


def markdown(pairs: Sequence[tuple[Entry, Outcome]]) -> str:
    """One line a notebook, then the counts."""
    lines = ["| notebook | shows | outcome | what | expected |", "|---|---|---|---|---|"]
    for entry, outcome in pairs:
        wanted = f"**{entry.expect}** {' · '.join(entry.found)}" if differs(entry, outcome) else "as expected"
        needless = " (needless)" if entry.needless and outcome.kind == "refused" else ""
        cells = (entry.name, entry.shows, outcome.kind + needless, outcome.text, wanted.strip())
        lines.append("| " + " | ".join(_cell(text) for text in cells) + " |")
    kinds = [outcome.kind for _, outcome in pairs]
    counts = " · ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
    return "\n".join([*lines, "", f"{len(pairs)} notebooks: {counts or 'none'}"])


def _document(output: str) -> dict[str, Any] | None:
    # Libraries may have warned before; the answer is the last object that begins a line.
    start = 0 if output.startswith("{") else output.find("\n{") + 1
    try:
        answer, _ = json.JSONDecoder().raw_decode(output[start:])
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _proof(verdict: Mapping[str, Any]) -> str:
    modes = [mode for mode in verdict["modes"] if mode["compared"]]
    said = [f"{mode['name']} {mode['compared']:,} of {mode['total']:,}" for mode in modes if mode["name"] in _ORACLES]
    warned = [mode["name"] for mode in modes if mode["status"] == "warn"]
    others = len(modes) - len(said)
    return " · ".join([*said, f"{others} more proofs", *(f"warning: {name}" for name in warned)])


def _red(checklist: Mapping[str, Any]) -> str:
    red = [item for item in checklist["items"] if item["severity"] == "blocker" and item["status"] in ("fail", "broken")]
    return "; ".join(f"{item['id']} {item['status']}: {item['sentence']}" for item in red)


def _sentence(refused: Sequence[Mapping[str, Any]]) -> str:
    more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
    return f"{_place(refused[0])}: {refused[0]['message']}{more}"


def _place(finding: Mapping[str, Any]) -> str:
    span = finding.get("span")
    return f"{finding['code']} at {span['cell']}:{span['line']}" if span else str(finding["code"])


def _cell(text: str) -> str:
    line = " ".join(text.replace("|", "\\|").split())
    return line if len(line) <= 300 else f"{line[:299]}…"
