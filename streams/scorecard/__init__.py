"""The scorecard where events are: read models made of files, or found in a data directory or a database."""
