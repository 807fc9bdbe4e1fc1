"""GOV-03: no secrets in the notebook or in the project. A finding names the kind and the place, never the secret."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from nb2svc.readiness.checks import secret_patterns as known
from nb2svc.readiness.checks.outcome import Outcome, counted, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedText:
    """A piece of text and where it stands: `cell 3`, `the output of cell 3`, `churn/features.py`."""

    where: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Everything that was scanned; `skipped` counts the binary files that hold no text. `problem`: nothing could be read."""

    texts: tuple[ScannedText, ...]
    skipped: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, order=True)
class SecretFound:
    """A secret: place, line in it (from 1), and kind. The secret itself is not kept, so that no report can print it."""

    where: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.where}, line {self.line}"


def judge_texts(texts: Texts) -> Outcome:
    """Pass where no text holds a secret."""
    if texts.problem or not texts.texts:
        return Outcome(
            status="not_evaluated",
            sentence=f"Nothing was scanned: {texts.problem or 'there was no text'}.",
            next_action="Build where the notebook file can be read.",
        )
    found = tuple(secret for text in texts.texts for secret in find_secrets(text))
    characters = counted(sum(len(text.text) for text in texts.texts), "character")
    scanned = (("scanned", f"{counted(len(texts.texts), 'text')}, {characters}"),)
    if not found:
        skipped = f"; {counted(texts.skipped, 'binary file')} left out" if texts.skipped else ""
        return Outcome(
            status="pass",
            sentence=f"No secret in {counted(len(texts.texts), 'text')} of the notebook (source, outputs, metadata)"
            f" and the project{skipped}.",
            details=scanned,
        )
    shown = listed(tuple(f"{secret.kind} in {secret}" for secret in found))
    return Outcome(
        status="fail",
        sentence=f"{counted(len(found), 'secret')} found: {shown}.",
        next_action=f"Revoke it, then take it out of {found[0].where} and read it from the environment.",
        details=(*((str(secret), secret.kind) for secret in found), *scanned),
    )


def find_secrets(text: ScannedText) -> tuple[SecretFound, ...]:
    """The secrets of one text, one a line and kind, in order of lines.

    `db_password = "…8 mixed characters…"` → SecretFound("cell 1", 1, 'a literal assigned to "db_password"')
    """
    found = {
        SecretFound(text.where, text.text.count("\n", 0, start) + 1, kind)
        for start, kind in (*_tokens(text.text), *_assigned(text.text))
    }
    return tuple(sorted(found))


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    for token in known.TOKENS:
        for match in token.pattern.finditer(text):
            if not known.TOKEN_PLACEHOLDER.search(match.group()):
                yield match.start(), token.kind
    for match in known.URL_PASSWORD.finditer(text):
        if not known.PLACEHOLDER.search(match["value"]):
            yield match.start(), "a password in a URL"


def _assigned(text: str) -> Iterator[tuple[int, str]]:
    for pattern in (known.ASSIGNED, known.EXPORTED):
        for match in pattern.finditer(text):
            if pattern is known.EXPORTED and not match["shell"] and _PYTHON_NAME.fullmatch(match["value"]):
                continue  # TOKEN=settings.token_v2 is code, not a dotenv file
            if not known.ABOUT.search(match["rest"]) and _secret_value(match["value"], word=match["word"].lower()):
                yield match.start("word"), f'a literal assigned to "{_name(text, match)}"'


_PYTHON_NAME = re.compile(r"[A-Za-z]+(?:[_.]\w+)+")


def _name(text: str, match: re.Match[str]) -> str:
    """The whole name around the word that announces a secret: the pattern starts at the word, to stay linear."""
    before = re.search(r"[\w-]{0,40}$", text[max(0, match.start("word") - 40) : match.start("word")])
    return f"{before.group() if before else ''}{match['word']}{match['rest']}"


def _secret_value(value: str, *, word: str) -> bool:
    """Whether a literal behind such a name is a secret, and not a word, a path, a name or a stand-in.

    A password may be short; it has a digit or a sign. A token is long and has the randomness of one.
    """
    if known.PLACEHOLDER.search(value) or value.startswith(("/", "./", "~/", "http://", "https://")) or " " in value:
        return False
    if re.fullmatch(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+(?:[_.-][a-z]+)*", value):
        return False  # the name of a variable, column or model: DB_PASSWORD, applicant_id, bert-base
    if word in known.PASSWORD_WORDS:
        return len(value) >= 6 and bool(re.search(r"[^A-Za-z]", value)) and entropy(value) >= 2.0
    mixed = bool(re.search(r"[0-9]", value)) and bool(re.search(r"[A-Za-z]", value))
    return len(value) >= 16 and mixed and entropy(value) >= 3.0


def entropy(value: str) -> float:
    """Shannon entropy in bits a character.

    entropy("aaaa") → 0.0; entropy("abcd") → 2.0
    """
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
