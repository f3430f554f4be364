"""`python -m streams`, which is `accountpulse`."""

from streams.cli import app

app(prog_name="accountpulse")
