"""The whole proof: a fresh process, a real client, training again, and three lines of text."""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nb2svc.ir.span import Span
from nb2svc.ir.verdict import Difference, Divergence, KnifeEdge, Mode, Verdict
from nb2svc.parity.checks import read_junit, run_checks
from nb2svc.parity.harness.service import Service, forget
from nb2svc.parity.prove import NOTICING, prove
from nb2svc.parity.render import proof_lines
from nb2svc.parity.request import IN_PROCESS
from nb2svc.parity.retrain import unseeded
from unit.parity.loans import Loans, build

Changed = Callable[..., Loans]


@contextmanager
def _server(project: Path) -> Iterator[str]:
    """A service of nothing but the predictor."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(project))
        forget("loans")
        predictor = Service("loans", fallback={}).predictor
        forget("loans")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            rows = json.loads(self.rfile.read(int(self.headers["content-length"])))["rows"]
            body = json.dumps({"results": predictor.predict(rows)}).encode()
            self.send_response(200 if self.path == "/predict" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def _prove(
    loans: Loans,
    scratch: Path,
    *,
    retrain: bool = False,
    serving: Callable[[Path], AbstractContextManager[str]] | None = None,
    modes: Sequence[str] = IN_PROCESS,
) -> Verdict:
    return prove(
        loans.project,
        "loans",
        loans.capture,
        loans.observation,
        interpreter=sys.executable,
        mode="few",
        scratch=scratch,
        http=serving is not None,
        retrain=retrain,
        statements=loans.statements,
        data=loans.folder,
        serving=serving,
        modes=modes,
    )


@pytest.mark.slow
def test_a_right_project_is_proved_in_a_fresh_process_over_http_and_trained_again(loans: Loans, tmp_path: Path) -> None:
    verdict = _prove(loans, tmp_path, retrain=True, serving=_server)

    assert verdict.passed
    assert verdict.divergence is None
    statuses = {mode.name: mode.status for mode in verdict.modes}
    assert statuses.pop("checks") == "not_evaluated"
    assert set(statuses.values()) == {"pass"}
    assert {"http", "retrain", "target"} <= set(statuses)
    assert not list(loans.project.rglob("__pycache__"))


@pytest.mark.slow
def test_a_wrong_project_is_not_and_the_place_is_told(changed: Changed, tmp_path: Path) -> None:
    verdict = _prove(changed(("features.py", "> 30).astype", "> 60).astype")), tmp_path)

    assert not verdict.passed
    assert verdict.divergence is not None
    assert str(verdict.divergence.span) == "cell 3, line 10"
    assert proof_lines(verdict)[-1].startswith("first differs in cell 3, line 10, column stale: loans[")


@pytest.mark.slow
def test_training_that_gives_another_model_fails(changed: Changed, tmp_path: Path) -> None:
    other = changed(
        ("training.py", "HistGradientBoostingClassifier(random_state=0)", "HistGradientBoostingClassifier(max_iter=3)")
    )

    mode = _prove(other, tmp_path, retrain=True, modes=NOTICING).mode("retrain")

    assert mode is not None
    assert mode.status == "fail"


@pytest.mark.slow
def test_training_that_stops_fails_with_its_last_line(changed: Changed, tmp_path: Path) -> None:
    mode = _prove(changed(("training.py", '"regions.csv"', '"no_such.csv"')), tmp_path, retrain=True, modes=NOTICING).mode(
        "retrain"
    )

    assert mode is not None
    assert (mode.status, "no_such.csv" in mode.note) == ("fail", True)


@pytest.mark.slow
def test_an_unseeded_model_is_named_with_its_cell(tmp_path: Path) -> None:
    loans = build(tmp_path / "loans", seeded=False, output="risk", size=160)
    (tmp_path / "scratch").mkdir()

    verdict = _prove(loans, tmp_path / "scratch", retrain=True, modes=NOTICING)
    mode = verdict.mode("retrain")

    assert mode is not None
    assert mode.status == "warn"
    assert mode.note.startswith("HistGradientBoostingClassifier (cell 4, line 3) has no seed: set random_state")
    assert verdict.passed


def test_calls_that_draw_without_a_seed_are_named(loans: Loans) -> None:
    assert unseeded(loans.statements, estimators=()) == ()
    assert unseeded((), estimators=("MLPClassifier",)) == ("MLPClassifier has no seed: set random_state",)


JUNIT = """<testsuites><testsuite tests="{n}">{cases}</testsuite></testsuites>"""
PASSED, FAILED = '<testcase name="test_auc"/>', '<testcase name="test_rule"><failure message="assert 0.5 &gt; 0.6"/></testcase>'
SKIPPED = '<testcase name="test_far"><skipped message="the held-out rows were not kept"/></testcase>'


def test_checks_are_counted_from_junit() -> None:
    good = read_junit(JUNIT.format(n=2, cases=PASSED + SKIPPED))
    bad = read_junit(JUNIT.format(n=2, cases=PASSED + FAILED))
    none = read_junit(JUNIT.format(n=1, cases=SKIPPED))

    assert (good.status, good.compared, good.total) == ("pass", 1, 2)
    assert (bad.status, bad.different, bad.differences[0].actual) == ("fail", 1, "assert 0.5 > 0.6")
    assert (none.status, none.note) == ("not_evaluated", "the held-out rows were not kept")
    assert read_junit(JUNIT.format(n=0, cases="")).status == "not_evaluated"


def test_checks_run_in_the_project(changed: Changed, tmp_path: Path) -> None:
    copy = changed()
    (copy.project / "tests").mkdir()
    test = copy.project / "tests/test_checks.py"
    test.write_text(
        "import os, loans\n\n\ndef test_capture():\n    assert os.environ['NB2SVC_CAPTURE']\n    assert False, 'auc is low'\n"
    )

    mode = run_checks(copy.project, "somewhere", interpreter=sys.executable, scratch=tmp_path)

    assert (mode.status, mode.compared, mode.different) == ("fail", 1, 1)
    assert "auc is low" in mode.differences[0].actual


def _mode(name: str, status: str = "pass", compared: int = 100, total: int = 100, **more: object) -> Mode:
    return Mode(name=name, status=status, compared=compared, total=total, different=0, **more)  # type: ignore[arg-type]


def test_the_proof_in_three_lines() -> None:
    verdict = Verdict(
        modes=(
            _mode("predictions", compared=488, total=488),
            _mode("inputs", compared=1947, total=1947),
            _mode("alone", compared=500, total=1947),
            _mode("shuffled"),
            _mode("json"),
            _mode("http", status="not_evaluated", compared=0, note="no service was started"),
            _mode("retrain"),
            _mode("checks", compared=1, total=1),
        )
    )

    assert proof_lines(verdict, output="decision") == (
        "decision 488 of 488 · model inputs 1,947 of 1,947 · alone 500 of 1,947 · shuffled · JSON      identical",
        "training.py trained the same model again · its check passed",
        "not evaluated: HTTP (no service was started)",
    )


def test_the_proof_tells_edges_rows_apart_and_where_it_failed() -> None:
    edge = KnifeEdge(row=3, column="total", threshold=1.5, expected="0.1", actual="0.2")
    difference = Difference(row=7, column="income", expected="1.0", actual="2.0")
    verdict = Verdict(
        modes=(
            _mode("alone", status="warn"),
            Mode(name="inputs", status="fail", compared=9, total=9, different=2, differences=(difference,)),
        ),
        knife_edges=(edge,),
        prepared_otherwise=12,
        prepared_cell=5,
        divergence=Divergence(span=Span(3, 4, 0, 4, 9), statement=8, column="income", text="loans = 1"),
    )

    assert proof_lines(verdict) == (
        "alone 100 of 100      identical but for 1 knife edges",
        "12 rows prepared otherwise in cell 5, counted apart",
        "model inputs: 2 of 9 differ, first row 7 income: the notebook has 1.0, the service 2.0",
        "first differs in cell 3, line 4, column income: loans = 1",
    )
