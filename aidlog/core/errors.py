"""What aidlog raises on purpose.

A :class:`Refusal` is for the user: a rule of the domain said no and nothing was
changed. Anything else that escapes is a fault of the program and becomes a 500.
"""

from __future__ import annotations

from aidlog.core.text import Message


class AidlogError(Exception):
    """Base of every error that aidlog raises on purpose."""


class Refusal(AidlogError):
    """A rule said no. ``message`` is shown to the user, translated at the edge.

    ``field`` names the form field to mark, where one is to blame.
    """

    def __init__(self, message: Message, *, field: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field

    def say_instead(self, message: Message) -> None:
        """Say the same refusal in a sentence that tells more."""
        self.message, self.args = message, (str(message),)


class Conflict(Refusal):
    """The thing changed, or was done already, since the user last looked (HTTP 409)."""


class NotFound(AidlogError):
    """Nothing here under that reference, or nothing that this actor may see."""


class NotAllowed(AidlogError):
    """The actor may see the thing but may not do this to it."""
