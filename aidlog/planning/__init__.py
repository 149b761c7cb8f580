"""Distribution plans: drafted, solved, explained, approved."""
