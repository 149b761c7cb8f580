"""Worked examples with invented places and figures."""
