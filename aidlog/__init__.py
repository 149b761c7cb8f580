"""aidlog: who gets what when there is not enough for everyone."""

__version__ = "0.1.0"
