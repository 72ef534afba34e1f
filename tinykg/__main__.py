"""`python -m tinykg` is `tinykg`."""

from tinykg.cli.main import main

main()
