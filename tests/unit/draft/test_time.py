"""A draft is there at once, also of a long notebook."""

import time
from pathlib import Path

import synthetic
from nb2svc.pipeline import analyze
from nb2svc.showing import show


def test_a_thousand_cells_are_drafted_in_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "long.ipynb"
    path.write_bytes(synthetic.notebook(1000))
    source = analyze(path)
    started = time.process_time()
    shown = show(source, draft=True)
    # It is 0.4 s on the author's machine; what grows with the square of the cells would take longer than this anywhere.
    assert time.process_time() - started < 2.0
    assert len(shown.modules[0].lines) > 300
