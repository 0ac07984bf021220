"""Hot spots: which cells have more reports than chance explains, since when, and how sure that is."""
