"""The processes that analyse: a hostile notebook costs one of them, never the server."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nb2svc_jupyter.server.workers import SupersededError, WorkerError, Workers


def question(*cells: str) -> dict:
    body = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": cell, "outputs": []}
        for number, cell in enumerate(cells)
    ]
    return {"what": "analyze", "path": "a.ipynb", "content": {"cells": body, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}}


async def ask_all(workers: Workers, *questions: dict) -> list:
    try:
        return await asyncio.gather(*(workers.ask(each) for each in questions), return_exceptions=True)
    finally:
        await workers.close()


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_the_server_starts_without_what_answers_questions() -> None:
    loaded = "import sys, nb2svc_jupyter.server.extension; print(*(name for name in sys.modules if name.startswith('nb2svc.')))"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    heavy = ("analysis", "capture", "compare", "parity", "readiness", "rowwise", "pages", "validate")
    assert [name for name in told if name.split(".")[1] in heavy] == []


def test_two_processes_answer_many_questions_at_once() -> None:
    answers = asyncio.run(ask_all(Workers(count=2), *(question(f"x{number} = 1") for number in range(12))))
    assert [answer["dataflow"]["statements"][0]["defines"] for answer in answers] == [[f"x{number}"] for number in range(12)]


def test_one_that_takes_too_long_is_stopped_and_the_next_is_answered() -> None:
    async def run() -> tuple[str, dict]:
        workers = Workers(count=1, seconds=0.05)
        with pytest.raises(WorkerError, match="longer than") as error:
            await workers.ask(question("x = 1"))
        workers._seconds = 30.0
        answer = await workers.ask(question("x = 1"))
        await workers.close()
        return str(error.value), answer

    _, answer = asyncio.run(run())
    assert answer["error"] is None


def test_a_notebook_that_needs_too_much_memory_costs_only_its_process() -> None:
    deep = "x = " + "(" * 50_000 + ")" * 50_000
    answers = asyncio.run(ask_all(Workers(count=1, memory=1 << 30), question(deep), question("y = 1")))
    assert isinstance(answers[0], WorkerError) or answers[0]["findings"][0]["severity"] == "refusal"
    assert answers[1]["error"] is None


def test_nothing_is_left_when_the_server_stops() -> None:
    async def run() -> set[int]:
        workers = Workers(count=2)
        before = set(children(os.getpid()))
        await asyncio.gather(*(workers.ask(question("x = 1")) for _ in range(4)))
        started = set(children(os.getpid())) - before
        await workers.close()
        return started

    started = asyncio.run(run())
    assert len(started) == 2
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []


def test_a_worker_ends_with_its_input() -> None:
    """The server was killed: what it started reads an end, and goes."""
    import subprocess
    import sys

    body = json.dumps(question("x = 1")).encode()
    command = [sys.executable, "-m", "nb2svc_jupyter.server.worker", str(4 << 30), "60"]
    done = subprocess.run(command, input=len(body).to_bytes(8, "big") + body, capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout[8:])["document"]["error"] is None


def test_an_analysis_that_does_not_end_ends_without_its_server() -> None:
    """The server was killed in the middle: nobody is there to stop what it started."""
    import signal
    import subprocess
    import sys
    import textwrap

    endless = textwrap.dedent("""
        import sys
        from nb2svc_jupyter.server import answers, worker
        def never(question):
            while True:
                pass
        answers.answer = never
        worker.main()
        """)
    body = json.dumps(question("x = 1")).encode()
    command = [sys.executable, "-c", endless, str(4 << 30), "1"]
    done = subprocess.run(command, input=len(body).to_bytes(8, "big") + body, capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGALRM


def test_a_file_beside_the_notebooks_is_no_module_of_ours(tmp_path, monkeypatch) -> None:
    """The server stands in the notebooks' folder, whose files nobody asked to run."""
    for name in ("html", "difflib", "nbformat"):
        (tmp_path / f"{name}.py").write_text("open('was_run', 'w').close()")
    monkeypatch.chdir(tmp_path)
    answers = asyncio.run(ask_all(Workers(count=1), question("x = 1")))
    assert answers[0]["error"] is None
    assert not (tmp_path / "was_run").exists()


def test_of_an_asker_who_is_quick_only_the_newest_question_waits() -> None:
    """Ten typists ask five times each before anything was answered: ten answers, and nobody waits for another's old questions."""

    async def run() -> tuple[list, Workers]:
        workers = Workers(count=1)
        busy = asyncio.ensure_future(workers.ask(question("x = 1"), asker="slow"))
        for _ in range(10):
            await asyncio.sleep(0)
        asked = [asyncio.ensure_future(workers.ask(question(f"x = {time}"), asker=who)) for time in range(5) for who in range(10)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        await busy
        await workers.close()
        return answers, workers

    answers, workers = asyncio.run(run())
    assert all(isinstance(answer, SupersededError) for answer in answers[:40])
    assert [answer["dataflow"]["statements"][0]["source"] for answer in answers[40:]] == ["x = 4"] * 10
    assert (workers.asked, workers.dropped, workers._waiting) == (11, 40, {})


def test_who_asks_without_a_name_is_answered_each_time() -> None:
    answers = asyncio.run(ask_all(Workers(count=1), *(question(f"x = {number}") for number in range(4))))
    assert [answer["error"] for answer in answers] == [None] * 4


def test_who_goes_away_while_waiting_takes_no_process_along() -> None:
    async def run() -> dict:
        workers = Workers(count=1)
        first = asyncio.ensure_future(workers.ask(question("x = 1")))
        gone = asyncio.ensure_future(workers.ask(question("x = 2"), asker="gone"))
        for _ in range(10):
            await asyncio.sleep(0)
        gone.cancel()
        await first
        answer = await workers.ask(question("x = 3"), asker="gone")
        await workers.close()
        return answer

    assert asyncio.run(run())["error"] is None


def test_who_asks_again_and_again_keeps_the_place_in_the_line() -> None:
    async def run() -> tuple[list[str], int]:
        workers = Workers(count=1)
        order: list[str] = []

        async def ask(name: str, asker: str) -> None:
            try:
                await workers.ask(question(f"{name} = 1"), asker=asker)
                order.append(name)
            except SupersededError:
                pass

        await workers.ask(question("x = 1"))
        asked = [asyncio.create_task(ask("busy", "someone")), asyncio.create_task(ask("early", "typist"))]
        await asyncio.sleep(0)
        asked += [asyncio.create_task(ask(f"other{number}", f"other {number}")) for number in range(3)]
        await asyncio.sleep(0)
        asked.append(asyncio.create_task(ask("late", "typist")))
        await asyncio.gather(*asked)
        await workers.close()
        return order, workers.dropped

    assert asyncio.run(run()) == (["busy", "late", "other0", "other1", "other2"], 1)
