"""NB223 (refusal): a secret in the code.

What it finds: in a statement that a slice needs, a string that looks like a key (`sk-…`, `AKIA…`, `ghp_…`, a private key, a
URL with a password), and a string literal given to a name like `api_key`, `password`, `token` or `secret`.

Why it matters: the author's lines become files of the project, and those are committed, copied and shared.

Example:

    # nb2svc: feature loans
    password = "correct horse 42"
    loans = loans.assign(salted=loans["job"].fillna("") + password)
    X, y = loans[["age"]].assign(length=loans["salted"].str.len()), loans["rate"]

Fix: read it from the environment, and replace the key that was written here: it is known now.

    # nb2svc: feature loans
    import os

    password = os.environ.get("LOANS_PASSWORD", "")
    loans = loans.assign(salted=loans["job"].fillna("") + password)
    X, y = loans[["age"]].assign(length=loans["salted"].str.len()), loans["rate"]

Quick fix: a variable of the environment, if you choose that: the kernel has to have it then.
"""

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from nb2svc.analysis.from_environment import from_environment
from nb2svc.ir.dataflow import Statement
from nb2svc.ir.finding import Finding
from nb2svc.ir.fix import Fix
from nb2svc.ir.span import Span
from nb2svc.rules.context import Context

CODE = "NB223"
SECRETS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an API key", re.compile(r"\b(sk|pk|rk)-[A-Za-z0-9_-]{12,}|\b(sk|rk)_(live|test)_[A-Za-z0-9]{12,}")),
    ("an AWS key", re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a GitHub token", re.compile(r"\b(ghp|gho|ghs|ghu|github_pat)_[A-Za-z0-9_]{16,}")),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{16,}")),
    ("a Slack token", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}")),
    ("a Google key", re.compile(r"\bAIza[A-Za-z0-9_-]{30,}")),
    ("a Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{20,}")),
    ("a signed token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@{}]+@")),
)
"""What is told to be found, and what it looks like."""

_NAMES = re.compile(
    r"(^|_)(api_?key|secret(_key)?|passw(or)?d|pwd|(auth|access|api|bearer)_?token|token|private_key|client_secret)$",
    re.IGNORECASE,
)
# What a secret is called in the environment where the code gives it no name.
_ANY = "API_KEY"
_NO_SECRET = re.compile(
    r"^(|x+|\*+|\.+|<.*>|\$?\{.*\}|none|null|your.*|my.*|changeme|todo|test|example|secret|password|token)$", re.IGNORECASE
)


class _Text(ast.Constant):
    """A string literal."""

    value: str


def check(context: Context) -> Iterator[Finding]:
    """One finding for each secret; the secret itself is never repeated."""
    for statement in context.statements():
        for node in context.tree(statement):
            named = _of_name(node)
            what = _of_text(node) or (f"`{named[0]}`" if named and not _of_text(named[1]) else None)
            if what:
                name, value = named or (_assigned_to(context, statement, node), node)
                fixes = from_environment(context.index, statement.number, value, name=name)
                yield _finding(what, context.span(statement, node), fixes=fixes)


def _of_text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
        return next((what for what, pattern in SECRETS if pattern.search(text)), None)
    return None


def _of_name(node: ast.AST) -> tuple[str, _Text] | None:
    """`password = "…"`, `connect(password="…")`, `{"password": "…"}`, `config["password"] = "…"`: the name and the text."""
    pairs: list[tuple[str | None, ast.expr | None]] = []
    match node:
        case ast.Assign(targets=targets, value=value):
            pairs = [(_name_of(target), value) for target in targets]
        case ast.AnnAssign(target=target, value=value):
            pairs = [(_name_of(target), value)]
        case ast.keyword(arg=name, value=value):
            pairs = [(name, value)]
        case ast.Dict(keys=keys, values=values):
            pairs = [(key.value, value) for key, value in zip(keys, values, strict=True) if _is_text(key)]
    for name, value in pairs:
        if name and _NAMES.search(name) and _is_text(value) and len(value.value) >= 6 and not _NO_SECRET.match(value.value):
            return name, value
    return None


def _assigned_to(context: Context, statement: Statement, text: ast.AST) -> str:
    """The variable that gets a text as it is; `API_KEY` for one that stands elsewhere."""
    for node in context.tree(statement):
        if isinstance(node, ast.Assign) and node.value is text:
            return _name_of(node.targets[0]) or _ANY
    return _ANY


def _is_text(node: ast.AST | None) -> TypeGuard[_Text]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _name_of(target: ast.expr) -> str | None:
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and _is_text(target.slice):
        return target.slice.value
    return None


def _finding(what: str, span: Span, *, fixes: tuple[Fix, ...]) -> Finding:
    return Finding(
        code=CODE,
        severity="refusal",
        message=f"{what[0].upper()}{what[1:]} is written into the code, and would be copied into the project.",
        remedy='Read it from the environment, as in `os.environ["API_KEY"]`, and replace the one that was written here.',
        span=span,
        fixes=fixes,
    )
