"""The demo operation: invented places and people, a real day's work, made by real actions."""
