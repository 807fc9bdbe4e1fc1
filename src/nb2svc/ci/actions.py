"""The actions that a workflow uses, each by the commit that its version's tag stands for.

A tag can be moved to other code, a commit can't. Change version and commit together: `git ls-remote` of the action's
repository, the line that ends in `^{}` where the tag is annotated.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action: `owner/name` with the path in it, and the version that the commit is."""

    path: str
    version: str
    commit: str

    def __str__(self) -> str:
        """As `uses:` wants it: `actions/checkout@3d3c… # v7.0.1`."""
        return f"{self.path}@{self.commit} # {self.version}"


ACTIONS = {
    "checkout": Action(path="actions/checkout", version="v7.0.1", commit="3d3c42e5aac5ba805825da76410c181273ba90b1"),
    "setup_python": Action(path="actions/setup-python", version="v7.0.0", commit="5fda3b95a4ea91299a34e894583c3862153e4b97"),
    "cache": Action(path="actions/cache", version="v5.0.5", commit="27d5ce7f107fe9357f9df03efb73ab90386fccae"),
    "upload_artifact": Action(
        path="actions/upload-artifact", version="v7.0.0", commit="bbbca2ddaa5d8feaa63e36b76fdaad77386f024f"
    ),
    "download_artifact": Action(
        path="actions/download-artifact", version="v8.0.1", commit="3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c"
    ),
    "upload_sarif": Action(
        path="github/codeql-action/upload-sarif", version="v4.36.2", commit="8aad20d150bbac5944a9f9d289da16a4b0d87c1e"
    ),
}
