"""`jupyter nbconvert --to nb2svc NOTEBOOK`: the modules as they would be, in a folder of their own. Nothing is run.

loans.ipynb  →  loans_modules/features.py, loans_modules/model.py, loans_modules/training.py, loans_modules/schema.py
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.utils.exceptions import ConversionException

from nb2svc.errors import Nb2svcError, RefusalError
from nb2svc.ir.shown import Shown
from nb2svc.pipeline import Source, analyze
from nb2svc.showing import pick, said, show, text_of

MODULES = ("features", "model", "training", "schema")
_SUFFIX = "_modules"
_NAMELESS = "Notebook"


class ModulesExporter(Exporter):
    """Exports a tagged notebook as the modules that nb2svc would write.

    nbconvert writes one text and files beside it: the text is the first module, in the folder of the others. On standard output
    all modules come one after the other. Preprocessors have no say: the service is made of the notebook as its author sees it.
    """

    file_extension = ".py"
    output_mimetype = "text/x-python"
    export_from_notebook = "nb2svc modules"

    def from_filename(  # type: ignore[override]  # as nbconvert's own exporters of text
        self, filename: str, resources: Any = None, **_: Any
    ) -> tuple[str, Any]:
        """Export a notebook's file, from its newest capture where that fits."""
        path = Path(filename)
        resources = self._resources(resources)
        resources["metadata"].update(name=path.stem, path=str(path.parent) if path.parent != Path() else "")
        return self._exported(path, resources)

    def from_file(  # type: ignore[override]
        self, file_stream: Any, resources: Any = None, **_: Any
    ) -> tuple[str, Any]:
        """Export a notebook that comes as a stream, from a draft."""
        text = file_stream.read()
        return self._exported_text(text if isinstance(text, str) else text.decode(), resources)

    def from_notebook_node(  # type: ignore[override]
        self, nb: Any, resources: Any = None, **_: Any
    ) -> tuple[str, Any]:
        """Export a notebook that is in memory: as its file, where its metadata says where that is and it is the same."""
        metadata = self._resources(resources)["metadata"]
        path = Path(metadata.get("path") or ".") / f"{metadata.get('name', _NAMELESS)}.ipynb"
        if path.is_file() and _is_same(path, nb):
            return self.from_filename(str(path), resources)
        return self._exported_text(json.dumps(nb), resources)

    def _exported_text(self, text: str, resources: Any) -> tuple[str, Any]:
        resources = self._resources(resources)
        # What nbconvert calls a notebook without a name is no name.
        name = resources["metadata"].get("name", _NAMELESS)
        name = "notebook" if name == _NAMELESS else name
        with TemporaryDirectory(prefix="nb2svc-export-") as folder:
            path = Path(folder) / f"{name}.ipynb"
            path.write_text(text, encoding="utf-8")
            return self._exported(path, resources)

    def _resources(self, resources: Any) -> Any:
        return self._init_resources(resources)  # type: ignore[no-untyped-call]

    def _exported(self, path: Path, resources: Any) -> tuple[str, Any]:
        try:
            shown = _shown(path)
        except Nb2svcError as error:
            raise NotExported(_told(error)) from None
        self.log.info(said(shown.basis))
        if self.config.NbConvertApp.writer_class == "StdoutWriter":
            return text_of(shown), resources
        name = resources.get("unique_key") or path.stem
        # `--output NAME` names the folder; without it nothing of a project that was built beside the notebook is touched.
        folder = name if name != path.stem else f"{name}{_SUFFIX}"
        first, *others = shown.modules
        resources["unique_key"] = f"{folder}/{first.name}"
        resources["output_extension"] = ".py"
        resources["output_files_dir"] = folder
        resources["outputs"] = {f"{folder}/{module.name}.py": module.text.encode() for module in (first, *others)}
        return first.text.removesuffix("\n") + "\n", resources


class NotExported(ConversionException):
    """The notebook has no modules; the message says why, and what to do."""


def _is_same(path: Path, nb: Any) -> bool:
    import nbformat

    try:
        return bool(nbformat.read(path, as_version=4) == nb)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.ValidationError):
        return False


def _shown(path: Path) -> Shown:
    source = analyze(path)
    _stop_where_untagged(source)
    shown = show(source)
    there = {module.name for module in shown.modules}
    return pick(shown, [name for name in MODULES if name in there])


def _stop_where_untagged(source: Source) -> None:
    from nb2svc.cli.overview import is_untagged
    from nb2svc.cli.suggestion import untagged

    if is_untagged(source.notebook, source.findings):
        raise untagged(source.notebook, source.dataflow)


def _told(error: Nb2svcError) -> str:
    from nb2svc.cli.failures import render_error
    from nb2svc.cli.findings import render_findings

    findings = error.findings if isinstance(error, RefusalError) else ()
    return "\n\n" + "\n\n".join(text for text in (render_findings(findings, None), render_error(error)) if text)
