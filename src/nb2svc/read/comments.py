"""The comments of some plain Python, by Python's own tokens: what looks like one in a string is none."""

import tokenize
from collections.abc import Sequence


def comments(lines: Sequence[str]) -> list[tokenize.TokenInfo]:
    """All comments in their order; none where the lines are no Python."""
    feed = iter([f"{line}\n" for line in lines])
    try:
        tokens = list(tokenize.generate_tokens(lambda: next(feed, "")))
    except (tokenize.TokenError, SyntaxError):
        return []
    return [token for token in tokens if token.type == tokenize.COMMENT]


def has_code_before(comment: tokenize.TokenInfo) -> bool:
    """Whether a comment stands beside code, not on a line of its own."""
    return bool(comment.line[: comment.start[1]].strip())
