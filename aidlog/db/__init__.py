"""The database: base class, the one transaction, commands, numbers, audit, outbox, jobs."""
