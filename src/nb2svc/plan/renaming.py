"""Names in the author's text that stand for others at serving: `X_test` → `X`, and never a text, an attribute or a keyword."""

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping

from nb2svc.ir.source import CellText, split_lines

_SPACE = frozenset({tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT})


def substituted_text(text: str, aliases: Mapping[str, str]) -> str:
    """An expression with its names replaced: `X_train[cols]` → `X[cols]`."""
    if not text or not any(name in text for name in aliases):
        return text
    tree = ast.parse(text, mode="eval")
    lines = split_lines(text)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in aliases]
    places = [(node.lineno, len(lines[node.lineno - 1].encode()[: node.col_offset].decode()), node.id) for node in names]
    return _replaced(text, sorted(places), aliases)


def renamed_text(text: str, aliases: Mapping[str, str]) -> str:
    """A piece of source, which need not be an expression, with its names replaced.

        X_test["X_test"].fillna(X_test.X_test, X_test=1)     →     X["X_test"].fillna(X.X_test, X_test=1)

    A name that the piece binds itself (`lambda X_test: …`) is another one.
    """
    if not any(name in text for name in aliases):
        return text
    tokens = list(_tokens(text))
    bound = set(_bound(tokens))
    places = []
    for place, token in enumerate(tokens):
        before = tokens[place - 1].string if place else ""
        after = tokens[place + 1].string if place + 1 < len(tokens) else ""
        mentioned = token.type == tokenize.NAME and token.string in aliases and token.string not in bound
        if mentioned and before != "." and after != "=":
            places.append((*token.start, token.string))
    return _replaced(text, places, aliases)


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens of a piece, whose brackets may be open at its end."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type not in _SPACE:
                yield token
    except tokenize.TokenError:
        return


def _bound(tokens: list[tokenize.TokenInfo]) -> Iterator[str]:
    """The names between `lambda` and its colon, and between `for` and `in`."""
    ends = {"lambda": ":", "for": "in"}
    end = ""
    for token in tokens:
        if end and token.string != end:
            if token.type == tokenize.NAME:
                yield token.string
        else:
            end = ends.get(token.string, "")


def _replaced(text: str, places: list[tuple[int, int, str]], aliases: Mapping[str, str]) -> str:
    """The text with what stands for the names at some (line, column, name)."""
    whole = CellText(text)
    pieces, done = [], 0
    for line, column, name in places:
        start = whole.offset(line, column)
        pieces += [text[done:start], operand(aliases[name])]
        done = start + len(name)
    return "".join([*pieces, text[done:]])


def operand(text: str) -> str:
    """An operand in place of a name: in parentheses unless it is a name, call or subscript itself."""
    kind = ast.parse(text, mode="eval").body
    return text if isinstance(kind, ast.Name | ast.Call | ast.Subscript | ast.Attribute | ast.Constant) else f"({text})"
