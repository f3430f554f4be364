"""Generated histories: a scenario with planted stories for the demo and the tests, and bulk usage for benchmarks."""

from streams.simulate.bulk import bulk
from streams.simulate.scenario import Scenario, simulate, write_scenario
from streams.simulate.truth import Truth

__all__ = ["Scenario", "Truth", "bulk", "simulate", "write_scenario"]
