"""What tries a generated project in the interpreter that it was built for; it imports that project only.

Python 3.9, the standard library and the user's own libraries.
"""
