"""How long the panel takes, as seen in the browser, and how long many who ask at once wait.

    make bench-panel            (or: PYTHONPATH=tests python benchmarks/panel.py [--cells 10 100 500] [--keys 12] [--no-load])

First notebooks of 10, 100 and 500 cells in a real JupyterLab in Chromium. One key after the other is pressed in the second
cell, each after the answer to the one before: from the key to the frame in which the panel shows the answer, and what that is
made of. Then somebody types without a pause: how long a key waits for its frame, and the tasks of the page over 50 ms.
Then one server with 50 open notebooks, all of which ask when they are opened and again now and then, and 10 clients that ask
three times a second: how long each waits. Absolute times depend on the machine and on what else runs there: its load is printed.
"""

import argparse
import os
import tempfile
from pathlib import Path

import panel_load
import panel_typing
import synthetic
from browser.jupyter_lab import running_lab


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--cells", type=int, nargs="+", default=[10, 100, 500], help="code cells of the notebooks that are typed in"
    )
    parser.add_argument("--keys", type=int, default=12, help="how often an answer is awaited in each")
    parser.add_argument("--no-load", action="store_true", help="leave out the many that ask at once")
    options = parser.parse_args()

    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before anything of this ran", flush=True)
    with tempfile.TemporaryDirectory(prefix="nb2svc-bench-") as name, running_lab(Path(name)) as lab:
        for cells in options.cells:
            (lab.root / f"of_{cells}.ipynb").write_bytes(synthetic.notebook(cells))
        panel_typing.print_head()
        for cells in options.cells:
            panel_typing.print_typed(panel_typing.typed(lab, cells, keys=options.keys))
        if not options.no_load:
            panel_load.print_loaded(panel_load.loaded(lab, notebook=synthetic.notebook(100)))


if __name__ == "__main__":
    main()
