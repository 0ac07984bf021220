"""The given: reference tables with their sources, and one seeded city for docs, tests and benchmarks."""
