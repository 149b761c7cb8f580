"""How sure it is that goods come, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from aidlog.planning.choices import Certainty

#: The surest first, as people read it.
CERTAINTIES: dict[str, object] = {
    Certainty.IN_TRANSIT.value: _l("on the road"),
    Certainty.ORDERED.value: _l("ordered"),
    Certainty.ANNOUNCED.value: _l("confirmed by the donor"),
    Certainty.PLEDGED.value: _l("promised"),
}
