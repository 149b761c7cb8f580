"""Is every figure of the stock what its history says? ``aidlog verify`` asks here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that does not hold, and the ids that show where."""

    rule: str
    where: str


#: One statement a rule; each row it returns is a fault. The same text on both databases.
CHECKS = {
    "a balance is the sum of its movements": """
        SELECT 'lot ' || lot_id || ', ' || kind || ' ' || key FROM (
            SELECT lot_id, source_kind AS kind, source_key AS key, -quantity AS q
              FROM stock_movement
            UNION ALL SELECT lot_id, target_kind, target_key, quantity FROM stock_movement
            UNION ALL SELECT lot_id, kind, key, -on_hand FROM stock_balance
        ) AS sides GROUP BY lot_id, kind, key HAVING SUM(q) <> 0""",
    "a lot adds up to zero over all accounts": """
        SELECT 'lot ' || lot_id FROM stock_balance GROUP BY lot_id HAVING SUM(on_hand) <> 0""",
    "no account holds less than nothing": """
        SELECT 'lot ' || lot_id || ', ' || kind || ' ' || key FROM stock_balance
         WHERE on_hand < 0 AND kind NOT IN ('donor', 'found', 'handed_over', 'remade')""",
    "no account ever held less than nothing": """
        SELECT DISTINCT 'lot ' || lot_id || ', ' || kind || ' ' || key FROM (
            SELECT lot_id, kind, key,
                   SUM(q) OVER (PARTITION BY lot_id, kind, key ORDER BY id) AS running
              FROM (
                SELECT id, lot_id, source_kind AS kind, source_key AS key, -quantity AS q
                  FROM stock_movement
                UNION ALL SELECT id, lot_id, target_kind, target_key, quantity
                  FROM stock_movement
              ) AS sides
        ) AS history
        WHERE running < 0 AND kind NOT IN ('donor', 'found', 'handed_over', 'remade')""",
    "what is reserved is the sum of what is held": """
        SELECT 'lot ' || lot_id || ', ' || kind || ' ' || key FROM (
            SELECT lot_id, kind, key, reserved AS q FROM stock_balance WHERE reserved <> 0
            UNION ALL SELECT lot_id, kind, key, -quantity FROM reservation WHERE state = 'held'
        ) AS promises GROUP BY lot_id, kind, key HAVING SUM(q) <> 0""",
    "no more is reserved than is there": """
        SELECT 'lot ' || lot_id || ', ' || kind || ' ' || key FROM stock_balance
         WHERE reserved < 0 OR (reserved > on_hand AND reserved > 0)""",
    "a total is the sum of its lots": """
        SELECT 'item ' || item_id || ', ' || kind || ' ' || key FROM (
            SELECT kind, key, organisation_id, item_id, on_hand AS h, reserved AS r
              FROM stock_balance
            UNION ALL SELECT kind, key, organisation_id, item_id, -on_hand, -reserved
              FROM stock_total
        ) AS sums GROUP BY kind, key, organisation_id, item_id
        HAVING SUM(h) <> 0 OR SUM(r) <> 0""",
    "a movement belongs to a command": """
        SELECT 'movement ' || m.id FROM stock_movement AS m
          LEFT JOIN command AS c ON c.id = m.command_id WHERE c.id IS NULL""",
    "a reversal mirrors what it undoes": """
        SELECT 'movement ' || r.id FROM stock_movement AS r
          JOIN stock_movement AS m ON m.id = r.reverses_id
         WHERE m.reverses_id IS NOT NULL OR m.lot_id <> r.lot_id OR m.quantity <> r.quantity
            OR m.source_kind <> r.target_kind OR m.source_key <> r.target_key
            OR m.target_kind <> r.source_kind OR m.target_key <> r.source_key""",
    "what one hands over another takes over": """
        SELECT 'item ' || item_id FROM stock_balance WHERE kind = 'handed_over'
         GROUP BY item_id HAVING SUM(on_hand) <> 0""",
    "repacking makes as much as it takes": """
        SELECT 'document ' || document_id FROM (
            SELECT document_id, item_id, quantity AS q FROM stock_movement
             WHERE kind = 'repacked_into'
            UNION ALL SELECT document_id, item_id, -quantity FROM stock_movement
             WHERE kind = 'repacked_from'
        ) AS sides GROUP BY document_id, item_id HAVING SUM(q) <> 0""",
    "kits hold what their list says": """
        SELECT 'document ' || document_id FROM (
            SELECT w.document_id, c.item_id, -c.quantity * w.kits AS q
              FROM kit_work AS w JOIN kit_content AS c ON c.version_id = w.version_id
            UNION ALL SELECT w.document_id, m.item_id, m.quantity
              FROM kit_work AS w JOIN stock_movement AS m ON m.document_id = w.document_id
               AND m.kind IN ('used_for_kits', 'out_of_kits')
            UNION ALL SELECT w.document_id, v.item_id, -w.kits
              FROM kit_work AS w JOIN kit_version AS v ON v.id = w.version_id
            UNION ALL SELECT w.document_id, m.item_id, m.quantity
              FROM kit_work AS w JOIN stock_movement AS m ON m.document_id = w.document_id
               AND m.kind IN ('kits_built', 'kits_broken')
        ) AS sides GROUP BY document_id, item_id HAVING SUM(q) <> 0""",
    "what is made into something else has a parent": """
        SELECT 'document ' || m.document_id FROM stock_movement AS m
         WHERE m.kind IN ('repacked_into', 'kits_built', 'out_of_kits')
           AND NOT EXISTS (SELECT 1 FROM lot_parent AS p
                            WHERE p.document_id = m.document_id AND p.lot_id = m.lot_id)""",
    "a closed transit is empty": """
        SELECT 'transit ' || t.id FROM transit AS t
          JOIN stock_balance AS b ON b.kind = 'transit' AND b.key = t.id
         WHERE t.closed_at IS NOT NULL AND b.on_hand <> 0""",
    "a count says what the books said at its position": """
        SELECT 'stock take line ' || id FROM (
            SELECT l.id, l.book, COALESCE((
                     SELECT SUM(CASE WHEN m.target_kind = l.kind
                                      AND m.target_key = t.warehouse_id
                                     THEN m.quantity ELSE -m.quantity END)
                       FROM stock_movement AS m
                      WHERE m.lot_id = l.lot_id AND m.id <= l.position
                        AND ((m.source_kind = l.kind AND m.source_key = t.warehouse_id)
                          OR (m.target_kind = l.kind AND m.target_key = t.warehouse_id))
                   ), 0) AS held
              FROM stock_take_line AS l JOIN stock_take AS t ON t.id = l.take_id
             WHERE l.position IS NOT NULL
        ) AS counts WHERE held <> book""",
    "an approved count corrects by what it found": """
        SELECT 'stock take line ' || id FROM (
            SELECT l.id, l.counted - l.book AS found, COALESCE((
                     SELECT SUM(CASE WHEN m.target_kind = l.kind
                                      AND m.target_key = t.warehouse_id
                                     THEN m.quantity ELSE -m.quantity END)
                       FROM stock_movement AS m
                      WHERE m.lot_id = l.lot_id AND m.document_id = t.document_id
                        AND ((m.source_kind = l.kind AND m.source_key = t.warehouse_id)
                          OR (m.target_kind = l.kind AND m.target_key = t.warehouse_id))
                   ), 0) AS booked
              FROM stock_take_line AS l JOIN stock_take AS t ON t.id = l.take_id
             WHERE t.state = 'approved'
        ) AS counts WHERE booked <> found OR found IS NULL""",
    "a correction that waits has moved nothing": """
        SELECT 'document ' || a.document_id FROM stock_adjustment AS a
         WHERE (a.state = 'posted') <> EXISTS (
               SELECT 1 FROM stock_movement AS m WHERE m.document_id = a.document_id)""",
    "document numbers have no gaps": """
        SELECT series || ' of organisation ' || organisation_id || ', ' || year FROM document
         GROUP BY organisation_id, series, year
        HAVING MIN(number) <> 1 OR MAX(number) <> COUNT(*)""",
    "a counter stands at its last number": """
        SELECT c.series || ' of organisation ' || c.organisation_id
          FROM document_counter AS c
         WHERE c.last <> (SELECT COUNT(*) FROM document AS d
                           WHERE d.organisation_id = c.organisation_id
                             AND d.series = c.series AND d.year = c.year)""",
}


def faults(session: Session) -> Iterator[Fault]:
    """Yield every place where the stock does not hold; nothing when all is sound."""
    for rule, statement in CHECKS.items():
        for (where,) in session.execute(text(statement)):
            yield Fault(rule, str(where))
