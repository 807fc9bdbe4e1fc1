"""The JSON of a notebook's analysis: one form for the command line, Jupyter's server and the panel."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nb2svc.cli.failures import VERSION, error_document
from nb2svc.errors import Nb2svcError
from nb2svc.ir.codec import to_json

if TYPE_CHECKING:
    from nb2svc.ir.contract import Contract
    from nb2svc.pipeline import Source


def analysis_fields(source: "Source", *, place: str | None = None) -> dict[str, Any]:
    """What `nb2svc analyze --format json` says of a notebook that could be read; its runs are looked for at `place`."""
    from nb2svc.analysis.check_accounts import check_accounts
    from nb2svc.analysis.links import cell_links, standings
    from nb2svc.analysis.outline_reasons import left_out
    from nb2svc.capture.parameters import offered_parameters

    outline = source.outline
    nouns = {
        "links": cell_links(source.dataflow),
        "standings": standings(source.notebook, source.dataflow, outline) if outline else (),
        "contract": _contract(source, place),
        "notebook": source.notebook,
        "dataflow": source.dataflow,
        "outline": outline,
        "left_out": left_out(source.dataflow, outline) if outline else (),
        "checks": check_accounts(source.notebook, source.dataflow, outline) if outline else (),
        "parameters": offered_parameters(source.notebook),
    }
    return {"findings": to_json(source.findings), **{name: to_json(noun) for name, noun in nouns.items()}}


def _contract(source: "Source", place: str | None) -> "Contract | None":
    """What the service would promise; None where there is no service, or where the draft of one contradicts itself."""
    from nb2svc.capture.recall import glance
    from nb2svc.plan.contract import contract_of
    from nb2svc.showing import recalled

    if source.outline is None:
        return None
    at = replace(source, notebook=replace(source.notebook, path=place)) if place else source
    basis, seen = recalled(at, find=glance)
    return contract_of(source.notebook, source.dataflow, source.outline, seen=seen, captured=basis.captured, note=basis.note)


def analysis_document(content: bytes, path: str, *, place: str | None = None) -> dict[str, Any]:
    """`analysis_fields` of a notebook's bytes, as a whole document; an untagged one is analysed, too.

    Raises:
        NotebookError: it can't be read.
    """
    from nb2svc.pipeline import analyze_content

    return {"version": VERSION, "error": None, **analysis_fields(analyze_content(content, path), place=place)}


def suggestion_document_of(content: bytes, path: str) -> dict[str, Any]:
    """What `nb2svc suggest --format json` says of a notebook's bytes.

    Raises:
        NotebookError: it can't be read, or what was meant as a tag is misspelt.
    """
    from nb2svc.cli.suggest import suggestion_of
    from nb2svc.cli.suggestion import suggestion_document

    return {"version": VERSION, "findings": [], "error": None, **suggestion_document(suggestion_of(content, Path(path)))}


def show_document(content: bytes, path: str) -> dict[str, Any]:
    """What `nb2svc show --format json` says of a notebook's bytes; `path` is where its captures are looked for.

    Raises:
        NotebookError: it can't be read, or can't be compiled.
    """
    from nb2svc.pipeline import analyze_content
    from nb2svc.showing import show

    return {"version": VERSION, "error": None, **to_json(show(analyze_content(content, path)))}


def error_only(error: Nb2svcError) -> dict[str, Any]:
    """The document of a notebook about which nothing else can be said."""
    return {
        "version": VERSION,
        "findings": to_json(getattr(error, "findings", ())),
        "error": error_document(error, exit_code=error.exit_code),
    }
