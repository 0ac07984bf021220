"""Hot spots: heat on the ground and along streets, its significance, its trend and its forecast."""
