"""Conditions, episodes and triggers, and the engine that moves them."""
