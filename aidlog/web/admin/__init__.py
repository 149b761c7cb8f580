"""Pages of administrators: people, roles, audit, setup."""
