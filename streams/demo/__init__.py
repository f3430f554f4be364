"""What `accountpulse demo` shows: a run over a generated history, compared with what was planted in it."""
