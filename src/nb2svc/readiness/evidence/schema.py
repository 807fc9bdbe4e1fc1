"""What DAT-02 looks at: rows and tables made wrong in every way, and what the project's predictor and training say of them."""

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.checks.enforced_schema import EnforcedSchema, TriedRow, TriedTable
from nb2svc.readiness.inputs import AssessInputs
from nb2svc.readiness.mutants.raw_rows import RowMutant, removable_rules, row_mutants


def schema_request(inputs: AssessInputs) -> dict[str, Any] | None:
    """What the harness is asked; None where the probes saw no rows."""
    mutants = _mutants(inputs)
    if inputs.observation is None or not mutants:
        return None
    rules = removable_rules(inputs.observation.tables, mutants)
    return {
        "rows": [_base(inputs), *(mutant.row for mutant in mutants)],
        "removed": [{"table": table, "field": field, "rule": rule} for table, field, rule in rules],
        "tables": sorted(_checked_tables(inputs)),
    }


def observe_schema(inputs: AssessInputs) -> EnforcedSchema:
    """What was said of each row and table, from the one process that tries the project."""
    mutants = _mutants(inputs)
    if inputs.observation is None or not mutants:
        return EnforcedSchema(problem="the project has no example to start from")
    answer = inputs.tried("schema")
    if "results" not in answer:
        return EnforcedSchema(problem=str(answer.get("problem", "")))
    base, results = answer["results"][0], answer["results"][1:]
    if base["status"] != "ok":
        return EnforcedSchema(problem=f"the example itself is not answered ({base['status']})")
    rules = removable_rules(inputs.observation.tables, mutants)
    asked = {table.name for table in inputs.observation.tables if table.role != "lookup" and table.kind != "list"}
    return EnforcedSchema(
        rows=_rows(mutants, results),
        tables=_tables(answer["training"]),
        unasked=tuple(sorted((asked - _checked_tables(inputs)) | set(answer["unasked"]))),
        training_problem=answer["training_problem"],
        removed=tuple(
            (f"the {rule} rule of {field} removed", _rows(mutants, without[1:]))
            for (_, field, rule), without in zip(rules, answer["removed"], strict=True)
        ),
        forgotten=_tables(answer["forgotten"]),
    )


def spoil_schema(_inputs: AssessInputs, good: EnforcedSchema) -> Iterator[Trial[EnforcedSchema]]:
    """One rule of each kind taken out of the schema in memory, and a column that training forgot to ask for."""
    for description, rows in good.removed:
        yield Trial(description=description, evidence=replace(good, rows=rows))
    if good.forgotten:
        column = good.forgotten[0].column
        yield Trial(description=f"{column} left out of what training asks for", evidence=replace(good, tables=good.forgotten))


def _mutants(inputs: AssessInputs) -> tuple[RowMutant, ...]:
    if inputs.observation is None or not (inputs.project_dir / "example.json").is_file():
        return ()
    guarded = {condition.column for each in inputs.observation.selections for condition in each.conditions}
    return row_mutants(_base(inputs), inputs.observation.tables, guarded=guarded)


def _base(inputs: AssessInputs) -> dict[str, Any]:
    row: dict[str, Any] = json.loads((inputs.project_dir / "example.json").read_text(encoding="utf-8"))["rows"][0]
    return row


def _checked_tables(inputs: AssessInputs) -> set[str]:
    """The tables that training.py hands to `SCHEMA.require`."""
    path = inputs.package_dir / "training.py"
    if not path.is_file():
        return set()
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    required = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "require"]
    return {keyword.arg for call in required for keyword in call.keywords if keyword.arg}


def _rows(mutants: Sequence[RowMutant], results: Sequence[Mapping[str, Any]]) -> tuple[TriedRow, ...]:
    return tuple(_row(mutant, result) for mutant, result in zip(mutants, results, strict=True))


def _row(mutant: RowMutant, result: Mapping[str, Any]) -> TriedRow:
    codes = [code for _, code in result["issues"]]
    told = not mutant.codes or bool(set(codes) & set(mutant.codes))
    # A field that may be missing can still leave a row without a match, or outside what the author asserts.
    sent = mutant.status == "ok" and result["status"] == "refer" and set(codes) <= {"no_match", "check_failed", "unknown_field"}
    return TriedRow(
        kind=mutant.kind,
        column=f"{mutant.table}.{mutant.column}",
        declared=mutant.status + (f" ({' or '.join(mutant.codes)})" if mutant.codes else ""),
        said=result["status"] + (f" ({', '.join(dict.fromkeys(codes))})" if codes else ""),
        right=sent or (result["status"] == mutant.status and told),
    )


def _tables(results: Sequence[Mapping[str, Any]]) -> tuple[TriedTable, ...]:
    return tuple(
        TriedTable(kind=each["kind"], column=f"{each['table']}.{each['column']}", caught=each["caught"]) for each in results
    )
