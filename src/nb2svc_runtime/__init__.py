"""What a generated service needs at run time; copied verbatim into each project as `_nb2svc/`.

Python 3.9 syntax, the standard library and the user's own libraries only; imports nothing of the compiler.
"""

from .state import State

__all__ = ["State"]
