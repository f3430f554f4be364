"""The embedded runtime: one process, one directory, one SQLite file as log, state, read model and outbox."""
