"""Which rows a selection of the notebook drops, seen from what it keeps."""

from typing import Any, Callable, List, Optional


class Outside:
    """What one selection says of `count` rows: the `places` it would drop, None where several rows can't be told apart."""

    def __init__(self, text: str, count: int, places: Optional[List[int]]) -> None:
        self.text = text
        self.count = count
        self.places = places


def dropped_places(select: Callable[[], Any], rows: Any) -> Optional[List[int]]:
    """The places of the rows that `select()` leaves out of `rows`.

        rows     select()
        0  3.1   0  3.1
        1  9.4   2  2.2     →   [1]
        2  2.2

    A row that the selection can't be computed for is no row that training had: it counts as dropped. Where several rows
    can't be told apart (an array, labels that are new) the answer is None, and each row has to be asked for alone.
    """
    try:
        kept = select()
        if len(kept) == len(rows):
            return []
        places = list(range(len(rows))) if len(kept) == 0 else _left_out(kept, rows)
    except Exception:  # noqa: BLE001 - the author's code can raise anything for a row that training never had
        places = None
    if places is None:
        return list(range(len(rows))) if len(rows) == 1 else None
    return _in_request_order(places, rows)


def _left_out(kept: Any, rows: Any) -> Optional[List[int]]:
    """By label, where the rows under the same labels are the same rows."""
    labels: Any = getattr(kept, "index", None)
    if not hasattr(rows, "loc") or not hasattr(labels, "isin") or not rows.index.is_unique or not labels.isin(rows.index).all():
        return None
    same = rows.loc[labels, kept.columns] if hasattr(kept, "columns") else rows.loc[labels]
    if not same.equals(kept):
        return None
    return [place for place, is_kept in enumerate(rows.index.isin(labels).tolist()) if not is_kept]


def _in_request_order(places: List[int], rows: Any) -> List[int]:
    """Rows that were put in another order keep the labels that they came with: those are the places in the request."""
    labels = rows.index.tolist() if hasattr(rows, "loc") else []
    if labels and all(isinstance(label, int) for label in labels) and sorted(labels) == list(range(len(labels))):
        return [labels[place] for place in places]
    return places
