"""The option `margin=auc:0.01,f1:0.02` of a tag: how much worse than a baseline each metric may be."""

from collections.abc import Iterator


def margins_of(text: str) -> tuple[tuple[str, float], ...]:
    """The margins of an option that was found right: "auc:0.01,f1:0.02" → (("auc", 0.01), ("f1", 0.02))."""
    return tuple((name, float(number)) for name, number in _parts(text))


def plain_margins(text: str) -> str:
    """The option in its plain form: "auc: 0.01 , f1:0" → "auc:0.01,f1:0"."""
    return ",".join(f"{name}:{number}" for name, number in _parts(text))


def wrong_margin(text: str) -> tuple[str, str] | None:
    """What is wrong with the option and what to do; None where nothing is."""
    seen: set[str] = set()
    for name, number in _parts(text):
        if not name or not number:
            return (
                f"`margin={text}` is no margin",
                "Write `margin=METRIC:NUMBER`, like `margin=auc:0.01`, or several with commas.",
            )
        if name in seen:
            return f"`margin={text}`: `{name}` stands there twice", "Keep one of the two."
        seen.add(name)
        try:
            value = float(number)
        except ValueError:
            return f"`margin={text}`: `{number}` is no number", f"Write how much worse `{name}` may be, like `{name}:0.01`."
        if not 0 <= value < float("inf"):
            remedy = f"Write how much worse `{name}` may be: 0 or more."
            return f"`margin={text}`: `{number}` can't be a margin", remedy
    return None


def with_colons(text: str) -> str:
    """As it was meant where somebody wrote it as on the command line: "auc=0.01" → "auc:0.01"."""
    return ",".join(":".join(part.rsplit("=", 1)) if ":" not in part else part for part in text.split(","))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    # A metric's name may be any text, and so have a colon.
    for part in text.split(","):
        name, _, number = part.rpartition(":")
        yield name.strip(), number.strip()
