"""The corpus of public notebooks: what its list may say, that tags are metadata only, and how outcomes are judged."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from corpus_entries import Entry, Problem, parse_corpus, tagged, verify
from corpus_outcomes import Outcome, differs, judge, markdown

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Homes"]},
            {"cell_type": "code", "metadata": {"tags": ["slow"]}, "source": ["X = homes\n", "X.head()"], "outputs": []},
            {"cell_type": "code", "source": "model.fit(X, y)", "outputs": []},
        ]
    }
).encode()
LISTED = f"""
[environments.era]
requirements = ["pandas==1.5.3"]

[[notebook]]
name = "homes"
shows = "a frame"
repository = "ana/homes"
commit = "c0ffee"
path = "work/homes.ipynb"
sha256 = "{hashlib.sha256(NOTEBOOK).hexdigest()}"
tags = [{{ cell = 1, directive = "feature home raw=homes" }}, {{ cell = 2, directive = "model" }}]
environment = "era"
expect = "built"
"""
SCRIPT = "# %%\nimport pandas\n# %% [markdown]\n# Homes\n# %% fit\nmodel.fit(X, y)\n"


def entry(text: str = LISTED) -> Entry:
    return parse_corpus(text).entries[0]


def verdict(**modes: tuple[str, int]) -> dict[str, object]:
    listed = [{"name": name, "status": status, "compared": rows, "total": rows} for name, (status, rows) in modes.items()]
    return {"passed": True, "verdict": {"modes": listed}, "readiness": {"items": []}}


def refusal(code: str, cell: int, line: int) -> dict[str, object]:
    return {"code": code, "severity": "refusal", "message": f"{code} it is", "span": {"cell": cell, "line": line}}


def test_the_list_is_read() -> None:
    corpus = parse_corpus(LISTED)
    assert corpus.environments["era"].python == "3.11"
    assert (entry().checkout, entry().root, entry().inner) == ("ana+homes", "work", "homes.ipynb")
    assert [(tag.cell, tag.directive) for tag in entry().tags] == [(1, "feature home raw=homes"), (2, "model")]


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        (('"era"\nexpect', '"old"\nexpect'), "no environment old"),
        (("cell = 2", "cell = 1"), "one to 3 cells"),
        (('expect = "built"', 'expect = "fine"'), "fine is no outcome"),
        (('expect = "built"', 'expect = "could not run"'), "says why"),
        (('expect = "built"', 'expect = "refused"\nbecause = "noise"'), "say which are found"),
    ],
)
def test_an_entry_that_contradicts_itself_is_refused(change: tuple[str, str], trouble: str) -> None:
    with pytest.raises(ValueError, match=f"homes: .*{trouble}"):
        parse_corpus(LISTED.replace(*change))


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two notebooks have one name"):
        parse_corpus(LISTED + LISTED[LISTED.index("[[notebook]]") :])


def test_an_environment_that_changed_is_made_again() -> None:
    era = parse_corpus(LISTED).environments["era"]
    assert era.digest != replace(era, requirements=("pandas==2.3.3",)).digest


def test_other_bytes_are_not_the_notebook() -> None:
    verify(entry(), NOTEBOOK)
    with pytest.raises(Problem, match=r"not .* as recorded"):
        verify(entry(), NOTEBOOK + b"\n")


def test_tags_are_metadata_and_nothing_else() -> None:
    before, after = json.loads(NOTEBOOK), json.loads(tagged(entry(), NOTEBOOK))
    assert after["cells"][1].pop("metadata") == {
        "tags": ["slow", "nb2svc:feature"],
        "nb2svc": {"name": "home", "options": {"raw": "homes"}},
    }
    assert after["cells"][2].pop("metadata") == {"tags": ["nb2svc:model"]}
    del before["cells"][1]["metadata"]
    assert after == before


@pytest.mark.parametrize("cell", [0, 9])
def test_only_a_code_cell_can_be_tagged(cell: int) -> None:
    with pytest.raises(Problem, match=f"cell {cell} is no code cell"):
        tagged(entry(LISTED.replace("cell = 1", f"cell = {cell}")), NOTEBOOK)


def test_a_percent_script_is_tagged_in_its_markers() -> None:
    script = entry(LISTED.replace("homes.ipynb", "homes.py").replace("cell = 1", "cell = 0"))
    assert tagged(script, SCRIPT.encode()).decode() == SCRIPT.replace(
        "# %%\nimport", '# %% tags=["nb2svc:feature"] nb2svc={"name": "home", "options": {"raw": "homes"}}\nimport'
    ).replace("# %% fit\n", '# %% fit tags=["nb2svc:model"]\n')


def test_a_script_s_prose_is_no_code_cell() -> None:
    with pytest.raises(Problem, match="cell 1 is no code cell"):
        tagged(entry(LISTED.replace("homes.ipynb", "homes.py")), SCRIPT.encode())


def test_a_proved_build_says_what_was_compared() -> None:
    answer = verdict(predictions=("pass", 200), inputs=("warn", 1000), http=("pass", 500), dropped=("not_evaluated", 0))
    outcome = judge(0, "warning: slow\n" + json.dumps(answer))
    assert outcome == Outcome(
        kind="built", text="predictions 200 of 200 · inputs 1,000 of 1,000 · 1 more proofs · warning: inputs"
    )


def test_a_proved_build_with_a_red_blocker_is_held() -> None:
    red = {"id": "OPS-02", "severity": "blocker", "status": "fail", "sentence": "Unseeded."}
    answer = {**verdict(predictions=("pass", 2)), "readiness": {"items": [red, {**red, "status": "pass"}]}}
    assert judge(1, json.dumps(answer)) == Outcome(
        kind="held", text="predictions 2 of 2 · 0 more proofs; held by OPS-02 fail: Unseeded."
    )


def test_refusals_are_told_by_code_and_place() -> None:
    findings = [refusal("NB304", 12, 3), refusal("NB210", 2, 1), {**refusal("NB225", 1, 1), "severity": "warning"}]
    outcome = judge(3, json.dumps({"findings": findings, "error": {"what": "2 things"}}))
    assert outcome == Outcome(
        kind="refused", text="NB304 at 12:3: NB304 it is (and 1 more)", found=("NB210 at 2:1", "NB304 at 12:3")
    )


@pytest.mark.parametrize(("code", "kind"), [(1, "not proved"), (4, "could not run"), (5, "could not run"), (70, "broken")])
def test_other_exits_say_what_stopped(code: int, kind: str) -> None:
    answer = {"findings": [], "error": {"what": "a cell failed", "where": "cell 3", "why": "NameError"}}
    assert judge(code, json.dumps(answer)) == Outcome(kind=kind, text="a cell failed: cell 3: NameError")


def test_no_answer_is_broken() -> None:
    assert judge(-9, "Killed").kind == "broken"


def test_another_outcome_than_expected_is_told() -> None:
    expected = replace(entry(), expect="refused", found=("NB304 at 12:3",), because="rank", needless=True)
    refused = Outcome(kind="refused", text="NB304 at 12:3: a | b", found=("NB304 at 12:3",))
    assert not differs(expected, refused)
    assert differs(expected, replace(refused, found=("NB304 at 1:1",)))
    assert differs(entry(), refused)
    table = markdown([(expected, refused), (entry(), refused)])
    assert "| homes | a frame | refused (needless) | NB304 at 12:3: a \\| b | as expected |" in table
    assert "| homes | a frame | refused | NB304 at 12:3: a \\| b | **built** |" in table
    assert table.endswith("2 notebooks: 2 refused")


def test_the_corpus_of_this_repository_is_well_formed() -> None:
    corpus = parse_corpus((BENCHMARKS / "corpus.toml").read_text(encoding="utf-8"))
    assert len(corpus.entries) >= 10
    assert all(len(one.sha256) == 64 and len(one.commit) == 40 for one in corpus.entries)
