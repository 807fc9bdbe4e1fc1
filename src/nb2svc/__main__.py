"""`python -m nb2svc`: the command line of this interpreter, for whoever may not trust the PATH."""

from nb2svc.cli.main import main

if __name__ == "__main__":
    main(prog_name="nb2svc")
