"""The plan engine, pure: a question in, a fair and certified answer out."""
