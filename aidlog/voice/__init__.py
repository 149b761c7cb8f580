"""What people say about the help, the answer they get, and what changed."""
