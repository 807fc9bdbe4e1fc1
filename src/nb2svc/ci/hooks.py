"""Our hooks in a pre-commit configuration that may exist already: every byte of it stays, comments and layout too."""

import re
from typing import Any

from nb2svc.errors import UsageError

CONFIG = ".pre-commit-config.yaml"


def with_hooks(config: str, entry: str) -> str:
    r"""A configuration with our entry at the end of its list of repositories; as it is where it has our hooks.

    "repos:\n- repo: a\n  hooks: []\n"   →   "repos:\n- repo: a\n  hooks: []\n- repo: local\n  hooks: …"

    Raises:
        UsageError: it can't be read, or its list is written in a way that a line can't be added to.
    """
    import yaml

    before = _read(config)
    if not config.strip():
        return f"repos:\n{entry}"
    if _hook_ids(yaml.safe_load(entry)) <= _hook_ids(before["repos"]):
        return config
    merged = _insert(config, entry)
    after = _read(merged)
    # Whatever the layout did: nothing that was there may have changed.
    if after != {**before, "repos": [*before["repos"], *yaml.safe_load(entry)]}:
        raise _by_hand("its list of repositories is laid out in an unusual way", entry)
    return merged


def _read(config: str) -> dict[str, Any]:
    import yaml

    try:
        values = yaml.safe_load(config)
    except yaml.YAMLError as error:
        why = " ".join(str(error).split())
        raise UsageError(f"{CONFIG} can't be read", where=CONFIG, why=why, fix="mend it: pre-commit validate-config") from error
    if values is None:
        return {"repos": []}
    if not isinstance(values, dict) or not isinstance(values.get("repos"), list):
        fix = "mend it: pre-commit validate-config"
        raise UsageError(f"{CONFIG} has no list of repositories", where=CONFIG, why="`repos` is missing or no list", fix=fix)
    return values


def _hook_ids(repos: list[Any]) -> set[str]:
    return {str(hook.get("id")) for repo in repos for hook in repo.get("hooks", ()) if isinstance(hook, dict)}


def _insert(config: str, entry: str) -> str:
    """The entry's lines below the last item of `repos`, as far in as its items are."""
    import yaml

    root = yaml.compose(config, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode), "it was read as a mapping"
    repos = next(value for key, value in root.value if key.value == "repos")
    if repos.flow_style or not repos.value:
        raise _by_hand("its list of repositories is written in brackets, or is empty", entry)
    lines = _lines(config)
    column = repos.start_mark.column
    end = _last_line(repos.value[-1]) + 1
    # What is commented out below the last item belongs to it.
    while end < len(lines) and lines[end].strip().startswith("#") and _indent(lines[end]) > column:
        end += 1
    head = "".join(lines[:end])
    ours = "".join(f"{' ' * column}{line}" for line in _lines(entry))
    return head + ("" if head.endswith("\n") else "\n") + ours + "".join(lines[end:])


def _last_line(node: Any) -> int:
    """The number, from 0, of the last line that holds something of a node: the mark of a block's end lies further below."""
    if isinstance(node.value, str) or not node.value or node.flow_style:
        return int(node.end_mark.line) - (getattr(node, "style", None) in ("|", ">"))
    children = (part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,)))
    return max(_last_line(child) for child in children)


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _by_hand(why: str, entry: str) -> UsageError:
    return UsageError(
        f"the hooks can't be added to {CONFIG} without changing what is there",
        where=CONFIG,
        why=why,
        fix="add them below `repos:` yourself",
        details=entry,
    )
