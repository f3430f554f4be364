"""The scorecard's read model: the ledger and what was made of it, as SQL tables that anybody may read."""
