"""What `%nb2svc?` says, and what its line can be completed to."""

COMMANDS = ("analyze", "show", "build", "test", "ready", "validate")
HELP = """%nb2svc COMMAND [ARGUMENTS]: run a command of nb2svc on this notebook, and show what it says.

    %nb2svc analyze               what would be served, trained and left out; runs nothing
    %nb2svc show [MODULE ...]     the modules as they would be; runs nothing
    %nb2svc build [OPTIONS]       run a copy, compile it, prove the service, write it
    %nb2svc test                  the tests of the project that was built from this notebook
    %nb2svc ready [OPTIONS]       its readiness checklist
    %nb2svc validate [OPTIONS]    run copies with many sets of parameters; what their checks and metrics say

Options are those of the command line: `!nb2svc build --help` lists them. Another notebook or project can be named:
`%nb2svc analyze loans.ipynb`, `%nb2svc ready services/loans`.

The command reads the notebook's file: save first. It runs in a process of its own, so this kernel keeps what it holds, and an
interrupt stops the command. In the run of a build such a line is left out.
"""


def completions(line: str) -> list[str]:
    """What can follow: a command, then its options and their choices."""
    from nb2svc_jupyter.lines.request import options_of

    words = line.split()
    done = words if line.endswith((" ", "\t")) else words[:-1]
    if len(done) < 2:
        return list(COMMANDS)
    if done[1] not in COMMANDS:
        return []
    options = options_of(done[1])
    before = next((option for option in options if done[-1] in option.opts), None)
    if before is not None and not before.is_flag:
        return [str(choice) for choice in getattr(before.type, "choices", ())]
    return [name for option in options for name in option.opts if name.startswith("--")]
