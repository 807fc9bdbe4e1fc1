"""What stands for `nb2svc.metric` where a line of the notebook tells a number: a service has no validation run to tell."""

from typing import Any


def metric(name: str, value: Any) -> None:
    """Tell nobody."""
