"""Every option is in the docs, and the docs name no option that is gone; links lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from architecture.source_tree import ROOT, committed, short

OPTION = re.compile(r"(?<![\w-])(--?[a-zA-Z][\w-]*)")
LINK = re.compile(r"\[[^\]]*\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def commands() -> Iterator[tuple[str, click.Command]]:
    from nb2svc.cli.main import main

    assert isinstance(main, click.Group)
    yield from commands_of(main, prefix="")


def commands_of(group: click.Group, *, prefix: str) -> Iterator[tuple[str, click.Command]]:
    """Each command by the words that call it: "build", "ci init"."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands_of(command, prefix=f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def sections(text: str) -> dict[str, str]:
    """docs/cli.md by its headings: `## nb2svc build` → "build"."""
    parts = re.split(r"(?m)^## nb2svc (.+)$", text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(section: str) -> set[str]:
    """The options in the first column of a section's table."""
    cells = re.findall(r"(?m)^\|((?:[^|\\]|\\.)*)\|", section)
    return {option for cell in cells for code in re.findall(r"`([^`]*)`", cell) for option in OPTION.findall(code)}


def test_every_option_is_documented() -> None:
    pages = sections((ROOT / "docs" / "cli.md").read_text(encoding="utf-8"))
    assert {name for name, _ in commands()} == set(pages)
    for name, command in commands():
        options = {
            text
            for parameter in command.params
            if isinstance(parameter, click.Option) and not parameter.hidden
            for text in (*parameter.opts, *parameter.secondary_opts)
        }
        assert documented(pages[name]) == options - {"--help"}, name


@pytest.mark.parametrize("path", [path for path in committed() if path.suffix == ".md"], ids=short)
def test_links_lead_somewhere(path: Path) -> None:
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_readme_names_the_items_that_are_evaluated() -> None:
    from nb2svc.readiness.evaluators import EVALUATORS
    from nb2svc.readiness.items import ITEMS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| \d [^|]+\| (\d+) \| (.+) \|$", text)
    assert sum(int(number) for number, _ in rows) == len(ITEMS)
    assert f"It has {len(ITEMS)} items in {'seven' if len(rows) == 7 else len(rows)} steps." in text
    named = [item for _, told in rows for item in re.findall(r"[A-Z]{3}-\d\d", told)]
    assert sorted(named) == sorted(evaluator.id for evaluator in EVALUATORS)


def test_the_table_is_read() -> None:
    section = "| option | what |\n|---|---|\n| `-o`, `--output DIR` | where `--else` |\n| `-p NAME=VALUE` | x |\n"
    assert documented(section) == {"-o", "--output", "-p"}


def test_a_broken_link_is_seen() -> None:
    assert LINK.findall("[a](docs/none.md) [b](#here) [c](x.md#y)") == ["docs/none.md", "x.md"]
