"""Lots, the journal that moves them, reservations, stock cards."""
