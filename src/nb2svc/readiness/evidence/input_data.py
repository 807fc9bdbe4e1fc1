"""What DAT-01 looks at: the files that the run read, read again, and the calls of the training slice that read."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nb2svc.ir.capture import Capture
from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.pinned_data import InputData, PinnedFile
from nb2svc.readiness.evidence.copies import scratch
from nb2svc.readiness.evidence.digests import file_digest
from nb2svc.readiness.evidence.read_calls import read_calls, unknown_call
from nb2svc.readiness.inputs import AssessInputs


def observe_input_data(inputs: AssessInputs) -> InputData:
    """Read every file of the capture again, and find what each read call of the training slice reads."""
    if inputs.capture is None:
        return InputData(files=(), calls=(), kept=(), scanned=False)
    files = tuple(
        _pinned(_shown(file.path, inputs), inputs.run_dir / file.path, sha256=file.sha256, size=file.size)
        for file in inputs.capture.inputs
    )
    scanned = inputs.dataflow is not None and inputs.outline is not None
    calls = read_calls(inputs, names=tuple(file.name for file in files)) if scanned else ()
    return InputData(files=files, calls=calls, kept=() if files else _raws(inputs.capture), scanned=scanned)


def spoil_input_data(inputs: AssessInputs, good: InputData) -> Iterator[Trial[InputData]]:
    """One byte changed in a copy of the smallest file; a read call that no recorded file explains."""
    yield _one_byte(inputs, good)
    if good.scanned:
        yield Trial(
            description="a read call of a file that the run did not record",
            evidence=replace(good, calls=(*good.calls, unknown_call(inputs, names=tuple(file.name for file in good.files)))),
        )


def _one_byte(inputs: AssessInputs, good: InputData) -> Trial[InputData]:
    pins = good.files or good.kept
    paths = _paths(inputs, files=bool(good.files))
    readable = [index for index, pin in enumerate(pins) if not pin.problem]
    if not readable:
        return Trial(description="one byte changed in a copy", evidence=None, problem="no file could be copied")
    index = min(readable, key=lambda place: pins[place].size)
    pin = pins[index]
    with scratch() as folder:
        copy = folder / "copy"
        shutil.copyfile(paths[index], copy)
        content = bytearray(copy.read_bytes())
        copy.write_bytes(bytes([*content[:-1], content[-1] ^ 1]) if content else b"\n")
        changed = _pinned(pin.name, copy, sha256=pin.pinned, size=pin.size)
    bad = (*pins[:index], changed, *pins[index + 1 :])
    evidence = replace(good, files=bad) if good.files else replace(good, kept=bad)
    return Trial(description=f"one byte changed in a copy of {pin.name}", evidence=evidence)


def _paths(inputs: AssessInputs, *, files: bool) -> tuple[Path, ...]:
    assert inputs.capture is not None
    if files:
        return tuple(inputs.run_dir / file.path for file in inputs.capture.inputs)
    folder = Path(inputs.capture.folder)
    return tuple(folder / kept.file for kept in inputs.capture.kept if kept.kind == "raw" and kept.file)


def _raws(capture: Capture) -> tuple[PinnedFile, ...]:
    """The raw values as the run kept them: what pins data that comes from no file."""
    folder = Path(capture.folder)
    kept = (kept for kept in capture.kept if kept.kind == "raw" and kept.file)
    return tuple(_pinned(f"the raw value {raw.label}", folder / raw.file, sha256=raw.sha256, size=0) for raw in kept)


def _pinned(name: str, path: Path, *, sha256: str, size: int) -> PinnedFile:
    try:
        return PinnedFile(name=name, pinned=sha256, reread=file_digest(path), size=size)
    except OSError as error:
        return PinnedFile(name=name, pinned=sha256, reread="", size=size, problem=error.strerror or type(error).__name__)


def _shown(path: str, inputs: AssessInputs) -> str:
    """The file's name for readers: relative to the notebook, else its last part: no home folder belongs in a project."""
    absolute = (inputs.run_dir / path).resolve()
    try:
        return absolute.relative_to(inputs.notebook_dir).as_posix()
    except ValueError:
        return absolute.name
