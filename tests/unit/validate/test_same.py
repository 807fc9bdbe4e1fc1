"""What two runs of the same parameters say differently, and what is only of their processes."""

from typing import Any

import pytest

from nb2svc.ir.validation import CheckOutcome, Failure, MetricValue, RunResult, RunSpec
from nb2svc.validate.same import differences


def result(status: str = "ok", *, auc: float = 0.7, check: str = "pass", message: str = "", segment: str = "", failure: str = ""):
    return RunResult(
        key="1",
        spec=RunSpec(key="1"),
        status=status,
        checks=(CheckOutcome(name="good", cell=2, outcome=check, message=message, segment=segment),),
        metrics=(MetricValue(name="auc", value=auc, segment=segment),),
        failure=Failure(what=failure) if failure else None,
    )


def stream(text: str | list[str], name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def document(*outputs: dict[str, Any], count: int | None = 1, cells: int = 1) -> dict[str, Any]:
    code = {"cell_type": "code", "execution_count": count, "outputs": list(outputs)}
    return {"cells": [{"cell_type": "markdown"}, *[code] * cells]}


def apart(one: RunResult, other: RunResult) -> frozenset[str]:
    return differences(one, document(), other, document())


def test_equal_runs_differ_in_nothing():
    assert apart(result(), result()) == frozenset()


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (result("failed"), {"how it ends (ok, failed)"}),
        (result(check="fail"), {"check good"}),
        (result(auc=0.70001), {"metric auc"}),
        (result(failure="it broke"), {"what it says of its failure"}),
        # Of a segment it is another one, and both are missing on the other side.
        (result(segment="region=north"), {"check good", "check good region=north", "metric auc", "metric auc region=north"}),
    ],
)
def test_what_results_say_differently(other: RunResult, told: set[str]):
    assert apart(result(), other) == told
    assert {each.replace("failed, ok", "ok, failed") for each in apart(other, result())} == told


def test_addresses_and_files_of_a_process_are_the_same():
    one, other = (
        result(message=f"<f at 0x{at}> in /tmp/ipykernel_{pid}/{pid}.py") for at, pid in (("7f00aa11", 1), ("7f00bb22", 23))
    )
    assert apart(one, other) == frozenset()
    one, other = (result("error", failure=f"<f at 0x{at}>") for at in ("7f00aa11", "7f00bb22"))
    assert apart(one, other) == frozenset()
    # A short number is no address.
    assert apart(result(message="0x1f"), result(message="0x2f")) == {"check good"}
    assert apart(result(failure="one"), result(failure="other")) == {"what it says of its failure"}


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (document(cells=2), document(cells=1), {"how many cells it has"}),
        (document(count=1), document(count=2), {"the execution count of code cell 1"}),
        (document(stream("a")), document(stream("b")), {"the outputs of code cell 1"}),
        (document(stream("a")), document(stream("a", "stderr")), {"the outputs of code cell 1"}),
        (document(stream("a"), shown(x="b")), document(shown(x="b"), stream("a")), {"the outputs of code cell 1"}),
        (document(shown(x=[1, 2])), document(shown(x=[2, 1])), {"the outputs of code cell 1"}),
        (document(shown(x=["a"])), document(shown(x=[])), {"the outputs of code cell 1"}),
        # How often a stream is flushed, and lines that a file keeps apart, are no difference.
        (document(stream("a"), stream("b")), document(stream("ab")), set()),
        (document(stream(["a\n", "b"])), document(stream("a\nb")), set()),
        (
            document(stream("a"), stream("b", "stderr"), stream("c")),
            document(stream("ac"), stream("b", "stderr")),
            {"the outputs of code cell 1"},
        ),
        (document(shown(x=["a", "b"])), document(shown(x="ab")), set()),
        (document(shown(x="<f at 0x7f00aa11>")), document(shown(x="<f at 0x7f00bb22>")), set()),
        (document(shown(x=["<f at 0x7f00", "aa11>"])), document(shown(x="<f at 0x7f00bb22>")), set()),
        (document(shown(x={"y": [None, 1.5]})), document(shown(x={"y": [None, 1.5]})), set()),
    ],
)
def test_what_documents_show_differently(one: dict[str, Any], other: dict[str, Any], told: set[str]):
    assert differences(result(), one, result(), other) == told
    assert differences(result(), other, result(), one) == told


def test_a_document_is_left_as_it_was():
    pieces = document(stream("a"), stream("b"))
    differences(result(), pieces, result(), document())
    assert pieces == document(stream("a"), stream("b"))
