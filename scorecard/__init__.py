"""Retention, expansion and what customer-led growth did to them: one place per formula, in exact money."""
