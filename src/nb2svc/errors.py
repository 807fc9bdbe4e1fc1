"""What a caller must stop for: an error says what · where · why · do this, and which exit code it means."""

from collections.abc import Sequence

from nb2svc.ir.finding import Finding
from nb2svc.ir.span import Span


class Nb2svcError(Exception):
    """An error of the user's world, told without a traceback.

    `what` is one sentence; `where` a file, cell or line; `why` the cause; `fix` the next thing to do. `details` is longer
    text worth showing (a cell's source, a log's tail). `span` is the place in the notebook, where it is known to the line.
    `exit_code` follows the table in the documentation.
    """

    exit_code = 70

    def __init__(
        self, what: str, *, where: str = "", why: str = "", fix: str = "", details: str = "", span: Span | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.fix = fix
        self.details = details
        self.span = span


class VerdictError(Nb2svcError):
    """The verdict is no: parity, a check or a gate."""

    exit_code = 1


class UsageError(Nb2svcError):
    """A wrong option, argument or setting."""

    exit_code = 2


class NotebookError(Nb2svcError):
    """The notebook can't be read."""

    exit_code = 3


class RefusalError(NotebookError):
    """The notebook can't be compiled, or run: every refusal with its place and remedy.

    `can_not` is what can't be done with what they name: a run serves nothing.
    """

    def __init__(self, findings: Sequence[Finding], *, can_not: str = "be served") -> None:
        count = len(findings)
        super().__init__(f"{count} thing{'s' if count != 1 else ''} in the notebook can't {can_not}")
        self.findings = tuple(findings)


class RunError(Nb2svcError):
    """The notebook's run failed: a cell, a missing module or file, or time."""

    exit_code = 4


class EnvironmentProblem(Nb2svcError):
    """The interpreter, BentoML, the disk or a port is not as needed."""

    exit_code = 5


class InternalError(Nb2svcError):
    """A mistake of ours; a report is saved."""

    exit_code = 70
