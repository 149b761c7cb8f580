"""From a file that somebody sent to rows of plain values: asked where in doubt, never guessed."""
