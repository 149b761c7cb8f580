"""How many people, what each is due, and what a site therefore needs."""
