"""`python -m workers.cli`: the command `dyads`."""

from workers.cli import main

main()
