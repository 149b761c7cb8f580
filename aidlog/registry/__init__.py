"""Who, where and what: organisations, people and roles, places, routes, vehicles, items."""
