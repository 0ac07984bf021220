"""The addresses of HTTP, one noun a file."""
