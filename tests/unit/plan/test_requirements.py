"""What a service needs: imports of its slice at the run's versions, and what the notebook installs for others to load."""

from dataclasses import replace

from nb2svc.ir.notebook import Install
from nb2svc.ir.span import Span
from nb2svc.plan.requirements import requirements, version_findings
from unit.plan.loans import CAPTURE, DATAFLOW, NOTEBOOK

VERSIONS = (("matplotlib", "3.9.0"), ("numpy", "2.1.0"), ("pandas", "2.2.0"), ("pyarrow", "15.0.2"), ("ipykernel", "6.29"))
RUN = replace(CAPTURE, versions=VERSIONS, modules=(("pandas", "pandas"), ("matplotlib", "matplotlib")))


def with_installs(*pairs):
    span = Span(1, 1, 0, 1, 20)
    return replace(NOTEBOOK, installs=tuple(Install(name=name, version=version, span=span) for name, version in pairs))


def test_an_installed_package_that_another_loads_is_required():
    notebook = with_installs(("pyarrow", ""), ("matplotlib", ""), ("ipykernel", ""), ("not-there", "==1"))
    assert requirements(notebook, DATAFLOW, (), RUN) == (("numpy", "2.1.0"), ("pandas", "2.2.0"), ("pyarrow", "15.0.2"))
    assert ("pyarrow", "15.0.2") not in requirements(NOTEBOOK, DATAFLOW, (), RUN)


def test_another_version_than_the_notebook_asks_for_is_a_warning():
    good = (("pandas", "==2.2"), ("pandas", "==2.2.*"), ("numpy", ">=3"), ("not-there", "==1"), ("pyarrow", "==15.0.2"))
    assert version_findings(with_installs(*good), RUN) == ()
    (finding,) = version_findings(with_installs(("pandas", "==1.5.3")), RUN)
    assert (finding.code, finding.severity, str(finding.span)) == ("NB232", "warning", "cell 1, line 1")
    assert "asks for pandas==1.5.3, but it ran with pandas 2.2.0" in finding.message
    assert "pandas==2.2.0" in finding.remedy
    assert finding.fixes == ()


def test_the_line_that_installs_can_ask_for_what_ran():
    source = "!pip install geopandas==1.5.3 pandas==1.5.3"
    cells = (replace(NOTEBOOK.cells[0], source=source), *NOTEBOOK.cells[1:])
    notebook = replace(with_installs(("pandas", "==1.5.3")), cells=cells)
    (fix,) = version_findings(notebook, RUN)[0].fixes
    (edit,) = fix.edits
    assert (fix.choice, edit.text, source[edit.column : edit.end_column], edit.column) == (True, "==2.2.0", "==1.5.3", 36)
