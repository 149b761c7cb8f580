"""Lists as files: one kind of list a function, rows streamed, with their class of sensitivity."""
