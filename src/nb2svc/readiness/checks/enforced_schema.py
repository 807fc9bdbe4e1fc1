"""DAT-02: what a request and a training table may hold was captured, and whatever breaks it is told."""

from dataclasses import dataclass

from nb2svc.readiness.checks.outcome import Outcome, counted, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRow:
    """A row with one field made wrong in a way (`kind`): what was declared of it, and what the service said."""

    kind: str
    column: str
    declared: str
    said: str
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedTable:
    """A training table without a column, or with another type in it, and whether training stopped at it."""

    kind: str
    column: str
    caught: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforcedSchema:
    """What came of every mutation. `unasked` are tables that training does not check; `problem` why nothing could be tried.

    `removed` and `forgotten` are for the control: the rows again, each time with one rule taken out of the schema (`rule`), and
    the training tables with a column that the schema does not know.
    """

    rows: tuple[TriedRow, ...] = ()
    tables: tuple[TriedTable, ...] = ()
    unasked: tuple[str, ...] = ()
    problem: str = ""
    training_problem: str = ""
    removed: tuple[tuple[str, tuple[TriedRow, ...]], ...] = ()
    forgotten: tuple[TriedTable, ...] = ()


def judge_schema(schema: EnforcedSchema) -> Outcome:
    """Pass where all rows and tables that were made wrong are handled as declared."""
    if schema.problem or not schema.rows:
        return Outcome(
            status="not_evaluated",
            sentence=f"No row could be made wrong and sent: {schema.problem or 'no field is read'}.",
            next_action="Run nb2svc test on the project, and read what it stops at.",
        )
    details = _details(schema)
    wrong = tuple(row for row in schema.rows if not row.right)
    if wrong:
        first = wrong[0]
        return Outcome(
            status="fail",
            sentence=f"{counted(len(wrong), 'row')} of {len(schema.rows)} made wrong on purpose not handled as declared:"
            f" {listed(tuple(f'{row.column} ({row.kind})' for row in wrong))}.",
            next_action=f"Look at {first.column} in schema.py: {first.kind} must be {first.declared}, and is {first.said}.",
            details=details,
        )
    missed = tuple(table for table in schema.tables if not table.caught)
    if missed:
        return Outcome(
            status="fail",
            sentence=f"Training goes on with tables that are not what it was written for:"
            f" {listed(tuple(f'{table.column} ({table.kind})' for table in missed))}.",
            next_action="Let training.py call SCHEMA.require on each table that it loads.",
            details=details,
        )
    handled = _handled(schema)
    if schema.unasked or schema.training_problem or not schema.tables:
        why = schema.training_problem or f"training.py does not check {listed(schema.unasked)}" if schema.unasked else "no table"
        return Outcome(
            status="warn",
            sentence=f"{handled}; training was not tried ({schema.training_problem or why}).",
            next_action="Load each raw table in a cell of its own before the first feature cell, so that training can check it.",
            details=details,
        )
    sentence = f"{handled}; training stopped at {len(schema.tables)} of {counted(len(schema.tables), 'wrong table')}."
    return Outcome(status="pass", sentence=sentence, details=details)


def _handled(schema: EnforcedSchema) -> str:
    kinds = len({row.kind for row in schema.rows})
    columns = len({row.column for row in schema.rows})
    made = f"{counted(len(schema.rows), 'row')} made wrong in {counted(kinds, 'way')}"
    return f"{made} over {counted(columns, 'field')} handled as declared"


def _details(schema: EnforcedSchema) -> tuple[tuple[str, str], ...]:
    kinds = dict.fromkeys(row.kind for row in schema.rows)
    return (
        *((f"rows: {kind}", _share([row.right for row in schema.rows if row.kind == kind])) for kind in kinds),
        *(
            (f"{row.column}, {row.kind}", f"declared {row.declared}, the service said {row.said}")
            for row in schema.rows
            if not row.right
        ),
        *(
            (f"training tables: {kind}", _share([table.caught for table in schema.tables if table.kind == kind]))
            for kind in dict.fromkeys(table.kind for table in schema.tables)
        ),
    )


def _share(right: list[bool]) -> str:
    return f"{sum(right)} of {len(right)} handled as declared"
