"""The fixtures of the small world; what builds it is in `worlds`."""

from unit.readiness.worlds import made_artifacts, world

__all__ = ["made_artifacts", "world"]
