"""The deciding: pure functions and immutable values, free of SQL, HTTP, files and the clock."""
