"""A report in the format that was asked for."""

from collections.abc import Callable, Mapping
from typing import Literal, cast

from nb2svc.ir.report import Report
from nb2svc.reports.github import render_github
from nb2svc.reports.junit import render_junit
from nb2svc.reports.sarif import render_sarif

ReportFormat = Literal["sarif", "junit", "github"]

_RENDERERS: Mapping[ReportFormat, Callable[[Report], str]] = {
    "sarif": render_sarif,
    "junit": render_junit,
    "github": render_github,
}


def render_report(report: Report, form: str) -> str:
    """The report as text in a format of others.

    Raises:
        KeyError: there is no such format.
    """
    return _RENDERERS[cast(ReportFormat, form)](report)
