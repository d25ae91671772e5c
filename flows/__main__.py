"""`python -m flows` is `copymill`."""

from flows.cli import main

main()
