"""Every block of README.md is run, or compared with what a build of the examples gives; a block of another kind fails."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import EXAMPLES, nb2svc
from nb2svc.bento.serve import free_port

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SECONDS = re.compile(r"\d+(?:\\\.\d+)?\\ s\b")
# Checked by other means than by running: these make an environment of their own, or are run by the test of the examples.
MAKE_TARGETS = ("demo", "test", "test-fast", "bench")


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    return [Block(match[1], match[2], text.count("\n", 0, match.start()) + 1) for match in FENCE.finditer(text)]


BLOCKS = blocks(README.read_text(encoding="utf-8"))


def of(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


def label(block: Block) -> str:
    return f"line {block.line}"


def steps(block: Block) -> Iterator[tuple[str, list[str]]]:
    """The commands of a console block, each with the output that the README shows for it."""
    command, shown = "", []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, shown
            command, shown = line[2:].split("   #")[0].strip(), []
        else:
            shown.append(line)
    yield command, shown


def pattern(shown: list[str]) -> re.Pattern[str]:
    """Shown output as a pattern: seconds and `…` match anything, a line of `…` any lines, trailing blanks do not count."""
    lines = []
    for line in shown:
        if line.strip() == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(SECONDS.sub(r"[\\d.]+\\ (?:s|min).*?", re.escape(line.rstrip())).replace("…", ".*?") + r"[ \t]*\n")
    return re.compile("".join(lines))


@pytest.fixture(scope="module")
def service(built) -> Iterator[str]:
    """The hero's service, started as the README says, on a free port."""
    example = built("credit_risk")
    port = free_port()
    command = Path(sys.executable).with_name("nb2svc")
    log = (example.folder / "readme-serve.log").open("w")
    server = subprocess.Popen(
        [str(command), "serve", "credit_risk", "--port", str(port)],
        cwd=example.folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, server)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)
        log.close()


@pytest.fixture
def own_notebook(tmp_path: Path) -> Path:
    """A folder with a reader's own notebook, which nobody tagged."""
    document = json.loads((ROOT / "example_notebooks" / "diabetes_progression.ipynb").read_text(encoding="utf-8"))
    for cell in document["cells"]:
        cell["source"] = [line for line in cell["source"] if not line.startswith("# nb2svc:")]
        cell["metadata"] = {}
    (tmp_path / "my_notebook.ipynb").write_text(json.dumps(document, indent=1))
    return tmp_path


def wait_for(address: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, "the service ended before it was ready"
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the service was not ready in two minutes")


def ask(address: str, request: str) -> dict:
    body = urllib.request.Request(f"{address}/predict", data=request.encode(), headers={"content-type": "application/json"})
    with urllib.request.urlopen(body, timeout=60) as answer:
        return json.loads(answer.read())


def without_identity(value: object) -> object:
    """The answer without what differs each time: ids and the model's version."""
    if isinstance(value, dict):
        return {key: "…" if key in ("id", "request_id", "version") else without_identity(item) for key, item in value.items()}
    return [without_identity(item) for item in value] if isinstance(value, list) else value


def notebook_source(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code") + "\n"


def test_the_readme_has_no_other_blocks() -> None:
    assert {block.language for block in BLOCKS} <= {"python", "console", "json"}
    assert len(of("python")) >= 2
    assert len(of("console")) >= 2


@pytest.mark.parametrize("block", of("python"), ids=label)
def test_code_is_the_notebooks_or_what_comes_out_of_it(block: Block, built) -> None:
    example = built("credit_risk")
    generated = "\n".join(path.read_text(encoding="utf-8") for path in sorted((example.project / example.package).glob("*.py")))
    assert block.text in notebook_source(example.notebook) or block.text in generated


@pytest.mark.parametrize("block", of("console"), ids=label)
def test_commands_print_what_is_shown(block: Block, request: pytest.FixtureRequest) -> None:
    for command, shown in steps(block):
        words = shlex.split(command)
        match words:
            case ["make", target, *_]:
                assert target in MAKE_TARGETS
                assert re.search(rf"(?m)^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"))
            case ["pip", "install", *_]:
                assert shown == []
            case ["cd", "example_notebooks", "&&", "python", script]:
                made = request.getfixturevalue("tmp_path")
                subprocess.run([sys.executable, str(EXAMPLES / script), "--out", str(made)], check=True, timeout=120)
                assert sorted(path.name for path in made.iterdir()) == ["applicants.csv", "transactions.csv"]
            case ["nb2svc", "build", "credit_risk.ipynb"]:
                output = request.getfixturevalue("built")("credit_risk").output
                assert pattern(shown).search(output), output
            case ["nb2svc", "serve", "credit_risk"]:
                assert request.getfixturevalue("service")
            case ["nb2svc", "build", "my_notebook.ipynb"]:
                # Proofs are made of the examples; of the reader's own notebook it is enough here that it can be compiled.
                done = nb2svc("analyze", "my_notebook.ipynb", cwd=request.getfixturevalue("own_notebook"))
                assert done.returncode == 0, done.stdout
            case ["nb2svc", "suggest", *arguments]:
                done = nb2svc("suggest", *arguments, cwd=request.getfixturevalue("own_notebook"))
                assert done.returncode == 0, done.stderr
            case ["nb2svc", *arguments]:
                done = request.getfixturevalue("built")("credit_risk").run(*arguments)
                assert done.returncode == 0, done.stderr
                assert pattern(shown).search(done.stdout), done.stdout
            case ["curl", *_]:
                check_curl(command, shown, request)
            case _:
                pytest.fail(f"nothing runs `{command}` (README line {block.line})")


def check_curl(command: str, shown: list[str], request: pytest.FixtureRequest) -> None:
    """Run the command as it stands, only with the port of this run's service."""
    address = request.getfixturevalue("service")
    command = command.replace("http://127.0.0.1:3000", address)
    folder = request.getfixturevalue("built")("credit_risk").folder
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True)
    assert without_identity(json.loads("\n".join(shown))) == without_identity(json.loads(done.stdout))


@pytest.mark.parametrize("block", of("json"), ids=label)
def test_a_request_gets_the_answer_that_stands_below_it(block: Block, service: str) -> None:
    if "rows" not in json.loads(block.text):
        return
    answer = BLOCKS[BLOCKS.index(block) + 1]
    assert without_identity(json.loads(answer.text)) == without_identity(ask(service, block.text))


def test_shown_output_is_compared_line_by_line() -> None:
    shown = ["run   ran in 9 s", "…", "wrote credit_risk/"]
    assert pattern(shown).search("run   ran in 12.4 s\nproof a\nproof b\nwrote credit_risk/\n")
    assert not pattern(shown).search("run   ran in 12.4 s\nproof a\nwrote digits/\n")
    assert not pattern(["proof 488 of 488"]).search("proof 487 of 488\n")


def test_commands_are_read_with_their_output() -> None:
    block = Block("console", "$ make demo   # all of it\n$ nb2svc build a.ipynb\nrun  x\n", 1)
    assert list(steps(block)) == [("make demo", []), ("nb2svc build a.ipynb", ["run  x"])]
