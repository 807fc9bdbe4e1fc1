"""What DAT-03 looks at: the build's verdict, and the verdict on a copy of the generated code that was made wrong."""

from collections.abc import Iterator
from itertools import chain, islice

from nb2svc.errors import Nb2svcError
from nb2svc.ir.verdict import Verdict
from nb2svc.readiness.checks.controlled import Trial
from nb2svc.readiness.evidence.copies import mutated_copy
from nb2svc.readiness.inputs import AssessInputs, Prover
from nb2svc.readiness.mutants.constants import answer_mutants, constant_mutants
from nb2svc.readiness.mutants.mutant import Mutant

# A mutant can be equivalent (a constant that no row comes near); so many are tried before the control counts as silent.
ATTEMPTS = 4


def observe_proof(inputs: AssessInputs) -> Verdict:
    """The verdict of this build; one without any mode where nothing was proved."""
    return inputs.verdict or Verdict(modes=())


def spoil_proof(inputs: AssessInputs, _good: Verdict) -> Iterator[Trial[Verdict]]:
    """Copies with one constant, coefficient or learned value changed, each proved again in process."""
    if inputs.prove_copy is None:
        yield Trial(description="a constant changed in a copy", evidence=None, problem="nothing was there to prove a copy with")
        return
    for mutant in _mutants(inputs):
        yield _proved(inputs, mutant, inputs.prove_copy)


def _mutants(inputs: AssessInputs) -> Iterator[Mutant]:
    """Constants first; the last attempt is one that runs always: where all that was learned is objects, no other does."""
    sources = [
        (f"{inputs.package}/{path.name}", path.read_text(encoding="utf-8"))
        for path in (inputs.package_dir / "features.py", inputs.package_dir / "model.py")
        if path.is_file()
    ]
    answers = list(islice(chain.from_iterable(answer_mutants(file, text) for file, text in sources), ATTEMPTS))
    constants = chain.from_iterable(constant_mutants(file, text) for file, text in sources)
    found = list(islice(constants, ATTEMPTS - 1 if answers else ATTEMPTS))
    yield from [*found, *answers][:ATTEMPTS]


def _proved(inputs: AssessInputs, mutant: Mutant, prove: Prover) -> Trial[Verdict]:
    with mutated_copy(inputs.project_dir, mutant) as copy:
        try:
            verdict = prove(copy)
        except Nb2svcError as error:
            return Trial(description=mutant.description, evidence=None, problem=f"the copy could not be proved: {error.what}")
    if not verdict.passed and not _compared_values(verdict):
        return Trial(
            description=mutant.description, evidence=None, problem="the copy did not run as far as a comparison of values"
        )
    return Trial(description=mutant.description, evidence=verdict)


def _compared_values(verdict: Verdict) -> bool:
    """A difference in a named column: code that merely crashes would fail any proof, so it shows nothing of this one."""
    return any(difference.column for mode in verdict.modes for difference in mode.differences)
