"""The line magics: a command in a process of its own, and what it says shown in the notebook."""
