"""The bounded summaries that an account record is made of."""
