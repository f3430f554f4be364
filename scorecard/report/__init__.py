"""The scorecard as it is read: figures of cohorts, held against targets, benchmarks and the period before."""
