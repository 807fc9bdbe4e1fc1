"""What runs in the kernel's interpreter, read as text so that `sys.modules` knows nothing of it: Python 3.9, standard library.

server.py    answers the worker, forks, reaps
loading.py   imports libraries, and tells what keeps a process that has imported them from being forked
known.py     what the recorders of all kernels would look up anew
streams.py   what imports and shared cells see as sys.stdout: the streams that the kernel has later
filters.py   has filters of warnings come where a cell's own import puts them
becoming.py  makes a kernel of a forked process
talk.py      messages with descriptors; the worker uses it, too
"""
