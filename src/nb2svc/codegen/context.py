"""What every generated module is made from."""

from dataclasses import dataclass
from functools import cached_property

from nb2svc.codegen.splice import Splicer
from nb2svc.ir.dataflow import Dataflow, Statement
from nb2svc.ir.names import free_name
from nb2svc.ir.notebook import Cell, Notebook
from nb2svc.ir.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Context:
    """The plan with the notebook and dataflow that it speaks of."""

    plan: Plan
    notebook: Notebook
    dataflow: Dataflow

    @cached_property
    def state(self) -> str:
        """The state parameter's name: `state`, or `learned` where the notebook has a `state` of its own."""
        return free_name("state", self._names, otherwise="learned")

    @cached_property
    def features(self) -> str:
        """What other modules call the module of the steps: many a notebook has a table `features`, which would hide it."""
        return free_name("features", self._names, otherwise="feature_steps")

    @cached_property
    def schema(self) -> str:
        """What `training.py` calls the schema of raw tables."""
        return free_name("SCHEMA", self._names, otherwise="RAW_SCHEMA")

    @cached_property
    def train(self) -> str:
        """What `training.py` calls its function: many a notebook has a function `train` of its own."""
        defined = {name for number in self.plan.prelude for name in self.statement(number).defines}
        return free_name("train", defined, otherwise="train_again")

    @cached_property
    def main(self) -> str:
        """What `training.py` calls the runtime's `main`: it is imported over a function `main` of the notebook."""
        return free_name("main", self._names, otherwise="run_training")

    @cached_property
    def _names(self) -> set[str]:
        return {name for each in self.dataflow.statements for name in (*each.defines, *each.reads)}

    @cached_property
    def splicer(self) -> Splicer:
        """Renders the author's statements."""
        return Splicer(names=dict(self.plan.names), state=self.state)

    def statement(self, number: int) -> Statement:
        """A statement by number."""
        return self.dataflow.statements[number]

    def cell_of(self, number: int) -> Cell:
        """The cell a statement stands in."""
        return self.notebook.cell(self.statement(number).span.cell)

    def origin(self, cell: int) -> str:
        """The comment that says where a function came from: `# loans.ipynb, cell 2 "History"`."""
        return f"# {self.plan.notebook_name}, {self.notebook.cell(cell).title}"
