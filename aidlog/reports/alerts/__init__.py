"""Alerts: what runs out, what expires unused, what is past its date, what is overdue."""
