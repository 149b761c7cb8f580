"""Commands for the terminal, one a file."""
