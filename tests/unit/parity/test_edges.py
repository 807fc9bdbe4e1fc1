"""Knife edges: counted, a warning up to 5 % of the rows, and never a cover for inputs that differ."""

import pytest

from nb2svc.parity.harness.judge import Edge, Outcome
from nb2svc.parity.harness.modes import result
from unit.parity.conftest import modes_of
from unit.parity.loans import build


def _outcome(edges: int, *, bad: int = 0) -> Outcome:
    outcome = Outcome()
    outcome.compared = set(range(100))
    outcome.bad = set(range(100 - bad, 100))
    outcome.edges = [Edge(row, "total", 12.5, "0.2", "0.3") for row in range(edges)]
    return outcome


@pytest.mark.parametrize(
    ("edges", "bad", "status"), [(0, 0, "pass"), (1, 0, "warn"), (5, 0, "warn"), (6, 0, "fail"), (1, 1, "fail")]
)
def test_edges_are_a_warning_up_to_five_percent(edges: int, bad: int, status: str) -> None:
    mode = result("alone", _outcome(edges, bad=bad), total=100)

    assert (mode["status"], mode["different"], len(mode["edges"])) == (status, edges + bad, edges)


@pytest.mark.slow
def test_sums_that_are_not_rounded_sit_on_thresholds(tmp_path_factory: pytest.TempPathFactory) -> None:
    loans = build(tmp_path_factory.mktemp("edges") / "loans", rounded=False, output="risk", size=1500)

    modes = modes_of(loans, "predictions", "inputs", "json")

    assert (modes["predictions"]["status"], modes["inputs"]["status"], modes["json"]["status"]) == ("pass", "pass", "warn")
    assert 0 < modes["json"]["different"] <= 0.05 * modes["json"]["compared"]
    assert {edge["column"] for edge in modes["json"]["edges"]} == {"total"}
    assert all(edge["threshold"] > 0 and edge["expected"] != edge["actual"] for edge in modes["json"]["edges"])
    edge = modes["json"]["edges"][0]
    assert abs(float(edge["expected"]) - float(edge["actual"])) > 1e-4


@pytest.mark.slow
def test_rounded_sums_do_not(tmp_path_factory: pytest.TempPathFactory) -> None:
    loans = build(tmp_path_factory.mktemp("edges") / "loans", output="risk", size=1500)

    assert modes_of(loans, "json")["json"]["status"] == "pass"
