"""Changes of a cell's metadata as edits of the file's text: its tags, and `metadata.nb2svc` by a merge patch.

"metadata": {"tags": ["nb2svc:modell", "mine"]}     →     "metadata": {"tags": ["nb2svc:model", "mine"]}
# %% Fit tags=["nb2svc:modell"]                            # %% Fit tags=["nb2svc:model"]
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from nb2svc.errors import NotebookError
from nb2svc.ir.fix import Retag
from nb2svc.ir.source import TextEdit
from nb2svc.read.json_places import Place, elements, members, whole_members


def merged(value: object, patch: object) -> object:
    """A value with a JSON merge patch (RFC 7396): what is null there goes, what is no object takes the place of what was."""
    if not isinstance(patch, Mapping):
        return patch
    base = dict(value) if isinstance(value, Mapping) else {}
    for key, change in patch.items():
        if change is None:
            base.pop(key, None)
        else:
            base[key] = merged(base.get(key), change)
    return base


def retagged(tags: Sequence[str], retag: Retag) -> list[str]:
    """A list of tags as it is then; a tag that takes the place of another one stands where that stood."""
    if len(retag.add) == len(retag.remove) == 1 and retag.remove[0] in tags:
        return [retag.add[0] if tag == retag.remove[0] else tag for tag in tags]
    left = [tag for tag in tags if tag not in retag.remove]
    return [*left, *(tag for tag in retag.add if tag not in left)]


def settled(settings: object, retag: Retag) -> object:
    """`metadata.nb2svc` as it is then; None where nothing is left of it."""
    return (merged(settings, json.loads(retag.settings)) or None) if retag.settings else settings


def in_json(text: str, cell: Place, retag: Retag, *, name: str) -> Iterator[TextEdit]:
    """The edits of a cell that a notebook's JSON holds at a place.

    Raises:
        NotebookError: the cell has no metadata.
    """
    place = members(text, cell.start).get("metadata")
    if place is None:
        fix = "leave --spelling out: the tag is then a comment"
        raise NotebookError(f"a cell of {name} has no metadata", where=name, fix=fix)
    inner, before = members(text, place.start), json.loads(text[place.start : place.end])
    tags = retagged(_texts(before.get("tags")), retag)
    after: dict[str, object] = {"tags": tags, "nb2svc": settled(before.get("nb2svc"), retag)}
    new = {key: value for key, value in after.items() if value and key not in inner}
    gone = "nb2svc" in inner and after["nb2svc"] is None
    if gone and new:
        whole = {**{key: value for key, value in before.items() if key != "nb2svc"}, **new}
        yield TextEdit(place.start, place.end, _dumped(whole, text, place))
        return
    if "tags" in inner and tags != before["tags"]:
        yield _tags_edit(text, inner["tags"], before["tags"], tags)
    if gone:
        yield _without(text, place, "nb2svc")
    elif "nb2svc" in inner and after["nb2svc"] != before["nb2svc"]:
        yield TextEdit(inner["nb2svc"].start, inner["nb2svc"].end, _dumped(after["nb2svc"], text, inner["nb2svc"]))
    if new and inner:
        last = max(inner.values(), key=lambda one: one.end)
        yield TextEdit(last.end, place.end, "," + _dumped(new, text, place)[1:])
    elif new:
        yield TextEdit(place.start, place.end, _dumped(new, text, place))


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _tags_edit(text: str, place: Place, before: object, after: list[str]) -> TextEdit:
    """One tag more, less or another in the list as it is laid out; any other change writes it anew."""
    places = list(elements(text, place.start)) if isinstance(before, list) else []
    old = before if isinstance(before, list) else []
    if places and after[: len(old)] == old and len(after) == len(old) + 1:
        return TextEdit(places[-1].end, places[-1].end, _parting(text, place, places) + json.dumps(after[-1]))
    differing = [at for at, (a, b) in enumerate(zip(old, after, strict=False)) if a != b]
    if len(old) == len(after) and len(differing) == 1:
        changed = places[differing[0]]
        return TextEdit(changed.start, changed.end, json.dumps(after[differing[0]]))
    gone = [at for at, tag in enumerate(old) if tag not in after]
    if len(gone) == 1 and len(old) == len(after) + 1 > 1:
        (at,) = gone
        if at == 0:
            return TextEdit(places[0].start, places[1].start, "")
        return TextEdit(places[at - 1].end, places[at].end, "")
    return TextEdit(place.start, place.end, _dumped(after, text, place))


def _parting(text: str, whole: Place, places: Sequence[Place]) -> str:
    """What stands between two elements: `,` and the line break with its indent."""
    if len(places) > 1:
        return text[places[0].end : places[1].start]
    lead = text[whole.start + 1 : places[0].start]
    return "," + (lead if "\n" in lead else " ")


def _without(text: str, whole: Place, key: str) -> TextEdit:
    """An object without one of its members."""
    places = whole_members(text, whole.start)
    at, ordered = list(places).index(key), list(places.values())
    if len(ordered) == 1:
        return TextEdit(whole.start, whole.end, "{}")
    if at + 1 < len(ordered):
        return TextEdit(ordered[at].start, ordered[at + 1].start, "")
    return TextEdit(ordered[at - 1].end, ordered[at].end, "")


def _dumped(value: object, text: str, place: Place) -> str:
    """JSON laid out as the file is: the indent of the line that the value begins in, and the file's own step."""
    line = text[text.rfind("\n", 0, place.start) + 1 : place.start]
    lead = line[: len(line) - len(line.lstrip())]
    step = re.search(r"^([ \t]+)\"", text, re.MULTILINE)
    if step is None:
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, indent=step[1]).replace("\n", "\n" + lead)
