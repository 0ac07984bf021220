"""Shortest ways between many places, and good orders of tasks on them, on plain arrays."""
