"""Our hooks in a configuration that exists: its bytes stay, whatever its layout; or it is refused with what to add."""

import pytest
import yaml

from nb2svc.ci.hooks import with_hooks
from nb2svc.ci.render import render_hooks
from nb2svc.errors import UsageError

ENTRY = render_hooks()
LAYOUTS = {
    "indented": "repos:\n  - repo: https://example.org/a # why\n    rev: v1\n    hooks:\n      - id: a\n",
    "flush": "# top\nrepos:\n- repo: https://example.org/a\n  rev: v1\n  hooks:\n  - id: a\n    args: [--x, 'y z']\n",
    "as pre-commit writes it": "repos:\n-   repo: https://example.org/a\n    rev: v1\n    hooks:\n    -   id: a\n    -   id: b\n",
    "keys below": "repos:\n  - repo: https://example.org/a\n    rev: v1\n    hooks:\n      - id: a\n\n# CI\nci:\n  autofix: false\n",
    "no newline at the end": "repos:\n- repo: https://example.org/a\n  rev: v1\n  hooks:\n  - id: a",
    "commented out below": "repos:\n- repo: https://example.org/a\n  rev: v1\n  hooks:\n  - id: a\n  # - id: b\n\n# the end\n",
    "long text": "repos:\n- repo: local\n  hooks:\n  - id: a\n    language: fail\n    name: a\n    entry: >-\n      one\n      two\n\ndefault_stages: [pre-commit]\n",
    "flow items": "repos:\n- {repo: https://example.org/a, rev: v1, hooks: [{id: a}]}\nfail_fast: true\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_byte_stays(layout):
    before = LAYOUTS[layout]
    after = with_hooks(before, ENTRY)
    values = yaml.safe_load(after)
    assert values["repos"][-1]["hooks"][0]["id"] == "nb2svc-check"
    assert values == {**yaml.safe_load(before), "repos": [*yaml.safe_load(before)["repos"], *yaml.safe_load(ENTRY)]}
    kept, ours = iter(after.splitlines()), {line.strip() for line in ENTRY.splitlines()}
    assert [line for line in kept if line.strip() not in ours] == [
        line for line in before.splitlines() if line.strip() not in ours
    ]
    assert with_hooks(after, ENTRY) == after


def test_what_is_commented_out_stays_with_its_item():
    after = with_hooks(LAYOUTS["commented out below"], ENTRY)
    assert after.index("# - id: b") < after.index("nb2svc-check") < after.index("# the end")


def test_without_a_configuration_there_is_a_new_one():
    assert yaml.safe_load(with_hooks("", ENTRY)) == {"repos": yaml.safe_load(ENTRY)}


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ("repos: [{repo: local, hooks: []}]\n", "can't be added"),
        ("repos: []\n", "can't be added"),
        ("repos:\n- &a {repo: local, hooks: []}\n- *a\n", "can't be added"),
        ("repos: {}\n", "has no list of repositories"),
        ("- repo: local\n", "has no list of repositories"),
        ("repos: [\n", "can't be read"),
    ],
)
def test_what_can_not_be_added_to_is_refused(config, what):
    with pytest.raises(UsageError, match=what):
        with_hooks(config, ENTRY)
