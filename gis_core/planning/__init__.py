"""A day of patrol planned: what is to be done, by whom, in which order, and what is left out and why."""
