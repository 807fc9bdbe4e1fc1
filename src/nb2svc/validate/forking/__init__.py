"""Kernels that are forked from a process that has imported the notebook's libraries already.

imports.py (pure) → host.py, which starts a server (side/) below the worker → provisioner.py, by which papermill's client starts
a kernel there. warm.py has the server run the cells that many runs share, and fork after them. `way.py` is what a run sees of it.
Whatever is not as it should be: a kernel of its own, and the reason told.
"""
