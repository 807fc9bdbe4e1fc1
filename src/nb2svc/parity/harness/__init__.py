"""What runs in the proof's fresh process, with the capture's interpreter: standard library, numpy, pandas and the project.

Python 3.9 syntax, relative imports only: it is loaded as a package under a private name and knows nothing of the compiler.
"""
