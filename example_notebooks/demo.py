"""What `make demo` does: make the ledger, build and prove the loan notebook, serve it, ask it once, stop.

    python example_notebooks/demo.py [--keep] [--folder DIR]

Everything happens on this machine: the service listens on the loopback address, the bento goes to a store of its own.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMMAND = Path(sys.executable).with_name("nb2svc")
NAME = "credit_risk"
READY_WITHIN = 120.0


def main() -> int:
    """Run the demonstration; the exit code is the build's where the build says no."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="leave the service running")
    parser.add_argument("--folder", type=Path, default=HERE, help="build a copy of the notebook in this folder")
    options = parser.parse_args()
    folder = prepared(options.folder.resolve())
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    os.environ.setdefault("BENTOML_HOME", str(folder / ".nb2svc" / "bentoml"))
    Path(os.environ["BENTOML_HOME"]).mkdir(parents=True, exist_ok=True)

    say("the ledger: invented applicants and their transactions")
    subprocess.run([sys.executable, str(HERE / "make_ledger.py"), "--out", str(folder)], check=True)
    say(f"nb2svc build {NAME}.ipynb")
    build = subprocess.run([str(COMMAND), "build", f"{NAME}.ipynb"], cwd=folder, check=False)
    if build.returncode:
        return build.returncode
    return serve_once(folder / NAME, keep=options.keep)


def prepared(folder: Path) -> Path:
    """The folder with the notebook and its regional table in it."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder != HERE:
        for name in (f"{NAME}.ipynb", "regions.csv"):
            shutil.copy(HERE / name, folder)
    return folder


def serve_once(project: Path, *, keep: bool) -> int:
    """Start the service, send it the project's example request, print the answer, and stop it."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    say(f"nb2svc serve {NAME} --port {port}")
    # A file, not a pipe: nobody reads while the service runs, and a full pipe would stop it.
    log = Path(tempfile.mkstemp(prefix="nb2svc-demo-", suffix=".log")[1])
    with log.open("w") as output:
        server = subprocess.Popen(
            [str(COMMAND), "serve", str(project), "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    kept = False
    try:
        if not is_ready(server, address):
            print(log.read_text()[-3000:], file=sys.stderr)
            print("The service did not start; its log is above.", file=sys.stderr)
            return 5
        ask(project, address)
        print(f"\nThe API page, with a request to try:  {address}/")
        kept = keep
        print(
            f"The service goes on; stop it with:    kill {server.pid}" if keep else "make demo KEEP=1 leaves the service running."
        )
    finally:
        if not kept:
            stop(server)
            log.unlink()
    return 0


def ask(project: Path, address: str) -> None:
    """Send example.json, and the same applicant as a minor, as curl would; print what comes back."""
    path = project / "example.json"
    print(f"$ curl -s {address}/predict -H 'content-type: application/json' -d @{NAME}/{path.name}")
    print(json.dumps(post(address, path.read_bytes()), indent=2, ensure_ascii=False))
    say("the same applicant, sixteen years old: nobody of that age was in training")
    request = json.loads(path.read_bytes())
    request["rows"] = [{**request["rows"][0], "age": 16}]
    print(json.dumps(post(address, json.dumps(request).encode())["results"], indent=2, ensure_ascii=False))


def post(address: str, body: bytes) -> dict[str, object]:
    """POST a JSON body to /predict, return the answer."""
    request = urllib.request.Request(f"{address}/predict", data=body, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        document: dict[str, object] = json.loads(answer.read())
        return document


def is_ready(server: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until the service answers; False where it ended or took too long."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            # The socket accepts before the model is loaded, and hangs: so a short time-out, and again.
            with urllib.request.urlopen(f"{address}/readyz", timeout=1):
                return True
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    return False


def stop(server: subprocess.Popen[bytes]) -> None:
    """End the service and its workers: politely, then not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, number)
            server.wait(timeout=15)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def say(text: str) -> None:
    """A heading between the steps."""
    print(f"\n── {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
