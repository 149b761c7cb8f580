"""The ledger's rules, kept by the database itself.

Movements move balances and totals, reservations move what is reserved, and history cannot be
changed. A batch migration on SQLite rebuilds a table and silently drops its triggers: every
later migration that alters a table named here must create them again (tests/migrations
compares the schema after all migrations with the golden one).
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FROZEN = (
    "stock_movement",
    "command",
    "audit_entry",
    "document",
    "lot_parent",
    "kit_work",
    "kit_version",
    "kit_content",
    "recall_lot",
)
OUTSIDE = "('donor', 'found', 'handed_over', 'remade')"

SQLITE = {
    # A quantity is an integer in SQLite only if something says so.
    "stock_movement_whole": """
        BEFORE INSERT ON stock_movement WHEN typeof(NEW.quantity) <> 'integer' BEGIN
          SELECT RAISE(ABORT, 'quantity_not_whole');
        END""",
    "stock_movement_reversal": """
        BEFORE INSERT ON stock_movement WHEN NEW.reverses_id IS NOT NULL BEGIN
          SELECT RAISE(ABORT, 'reversal_does_not_mirror') WHERE NOT EXISTS (
            SELECT 1 FROM stock_movement AS m WHERE m.id = NEW.reverses_id
               AND m.reverses_id IS NULL AND m.lot_id = NEW.lot_id AND m.quantity = NEW.quantity
               AND m.source_kind = NEW.target_kind AND m.source_key = NEW.target_key
               AND m.target_kind = NEW.source_kind AND m.target_key = NEW.source_key);
        END""",
    "stock_movement_held_back": """
        BEFORE INSERT ON stock_movement
        WHEN (NEW.source_kind = 'quarantine'
         AND NEW.target_kind NOT IN ('warehouse', 'loss', 'donor', 'found', 'remade'))
          OR (NEW.source_kind = 'site_held'
         AND NEW.target_kind NOT IN ('site', 'loss', 'donor', 'found')) BEGIN
          SELECT RAISE(ABORT, 'held_goods_do_not_leave');
        END""",
    "stock_movement_expired": """
        BEFORE INSERT ON stock_movement
        WHEN NEW.target_kind IN ('transit', 'people') AND NEW.reverses_id IS NULL BEGIN
          SELECT RAISE(ABORT, 'lot_expired')
           WHERE (SELECT expires_on FROM lot WHERE id = NEW.lot_id) < date('now');
          SELECT RAISE(ABORT, 'lot_recalled') WHERE EXISTS (
            SELECT 1 FROM recall_lot AS l JOIN recall AS r ON r.id = l.recall_id
             WHERE l.lot_id = NEW.lot_id AND r.closed_at IS NULL);
        END""",
    "stock_movement_apply": f"""
        AFTER INSERT ON stock_movement BEGIN
          SELECT RAISE(ABORT, 'not_enough_stock')
           WHERE NEW.source_kind NOT IN {OUTSIDE} AND NEW.quantity > COALESCE((
             SELECT on_hand - reserved FROM stock_balance WHERE lot_id = NEW.lot_id
                AND kind = NEW.source_kind AND key = NEW.source_key), 0);
          INSERT INTO stock_balance
              (lot_id, kind, key, item_id, organisation_id, on_hand, reserved)
            SELECT NEW.lot_id, NEW.source_kind, NEW.source_key, item_id, organisation_id, 0, 0
              FROM lot WHERE id = NEW.lot_id ON CONFLICT DO NOTHING;
          INSERT INTO stock_balance
              (lot_id, kind, key, item_id, organisation_id, on_hand, reserved)
            SELECT NEW.lot_id, NEW.target_kind, NEW.target_key, item_id, organisation_id, 0, 0
              FROM lot WHERE id = NEW.lot_id ON CONFLICT DO NOTHING;
          INSERT INTO stock_total (kind, key, organisation_id, item_id, on_hand, reserved)
            SELECT NEW.source_kind, NEW.source_key, organisation_id, item_id, 0, 0
              FROM lot WHERE id = NEW.lot_id ON CONFLICT DO NOTHING;
          INSERT INTO stock_total (kind, key, organisation_id, item_id, on_hand, reserved)
            SELECT NEW.target_kind, NEW.target_key, organisation_id, item_id, 0, 0
              FROM lot WHERE id = NEW.lot_id ON CONFLICT DO NOTHING;
          UPDATE stock_balance SET on_hand = on_hand - NEW.quantity
           WHERE lot_id = NEW.lot_id AND kind = NEW.source_kind AND key = NEW.source_key;
          UPDATE stock_balance SET on_hand = on_hand + NEW.quantity
           WHERE lot_id = NEW.lot_id AND kind = NEW.target_kind AND key = NEW.target_key;
          UPDATE stock_total SET on_hand = on_hand - NEW.quantity
           WHERE kind = NEW.source_kind AND key = NEW.source_key AND item_id = NEW.item_id
             AND organisation_id = (SELECT organisation_id FROM lot WHERE id = NEW.lot_id);
          UPDATE stock_total SET on_hand = on_hand + NEW.quantity
           WHERE kind = NEW.target_kind AND key = NEW.target_key AND item_id = NEW.item_id
             AND organisation_id = (SELECT organisation_id FROM lot WHERE id = NEW.lot_id);
        END""",
    "reservation_hold": """
        AFTER INSERT ON reservation BEGIN
          SELECT RAISE(ABORT, 'reservation_starts_held') WHERE NEW.state <> 'held';
          UPDATE stock_balance SET reserved = reserved + NEW.quantity
           WHERE lot_id = NEW.lot_id AND kind = NEW.kind AND key = NEW.key;
          UPDATE stock_total SET reserved = reserved + NEW.quantity
           WHERE kind = NEW.kind AND key = NEW.key AND (item_id, organisation_id) =
             (SELECT item_id, organisation_id FROM lot WHERE id = NEW.lot_id);
        END""",
    "reservation_end": """
        BEFORE UPDATE ON reservation BEGIN
          SELECT RAISE(ABORT, 'reservation_ends_once_and_whole')
           WHERE OLD.state <> 'held' OR NEW.state NOT IN ('consumed', 'released')
              OR NEW.quantity <> OLD.quantity OR NEW.lot_id <> OLD.lot_id
              OR NEW.kind <> OLD.kind OR NEW.key <> OLD.key OR NEW.document_id <> OLD.document_id;
          UPDATE stock_balance SET reserved = reserved - OLD.quantity
           WHERE lot_id = OLD.lot_id AND kind = OLD.kind AND key = OLD.key;
          UPDATE stock_total SET reserved = reserved - OLD.quantity
           WHERE kind = OLD.kind AND key = OLD.key AND (item_id, organisation_id) =
             (SELECT item_id, organisation_id FROM lot WHERE id = OLD.lot_id);
        END""",
    "reservation_kept": """
        BEFORE DELETE ON reservation BEGIN SELECT RAISE(ABORT, 'reservation_is_kept'); END""",
    "lot_fixed": """
        BEFORE UPDATE ON lot
        WHEN NEW.item_id <> OLD.item_id OR NEW.number <> OLD.number
          OR NEW.expires_on IS NOT OLD.expires_on OR NEW.origin <> OLD.origin
          OR NEW.organisation_id <> OLD.organisation_id OR NEW.pack_size <> OLD.pack_size
          OR NEW.pack_kind <> OLD.pack_kind BEGIN
          SELECT RAISE(ABORT, 'lot_is_fixed_at_receipt');
        END""",
    # Receipts and waybills were written in packs: a changed size is another pack.
    "item_pack_fixed": """
        BEFORE UPDATE ON item_pack
        WHEN NEW.item_id <> OLD.item_id OR NEW.kind <> OLD.kind OR NEW.size <> OLD.size BEGIN
          SELECT RAISE(ABORT, 'item_pack_is_fixed');
        END""",
    "lot_kept": "BEFORE DELETE ON lot BEGIN SELECT RAISE(ABORT, 'lot_is_kept'); END",
}

POSTGRESQL = """
CREATE FUNCTION aidlog_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%_is_frozen', TG_TABLE_NAME USING ERRCODE = 'check_violation'; END $$;

CREATE FUNCTION aidlog_movement_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM stock_movement AS m WHERE m.id = NEW.reverses_id
         AND m.reverses_id IS NULL AND m.lot_id = NEW.lot_id AND m.quantity = NEW.quantity
         AND m.source_kind = NEW.target_kind AND m.source_key = NEW.target_key
         AND m.target_kind = NEW.source_kind AND m.target_key = NEW.source_key) THEN
    RAISE EXCEPTION 'reversal_does_not_mirror' USING ERRCODE = 'check_violation';
  END IF;
  IF (NEW.source_kind = 'quarantine'
      AND NEW.target_kind NOT IN ('warehouse', 'loss', 'donor', 'found', 'remade'))
    OR (NEW.source_kind = 'site_held'
      AND NEW.target_kind NOT IN ('site', 'loss', 'donor', 'found')) THEN
    RAISE EXCEPTION 'held_goods_do_not_leave' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.target_kind IN ('transit', 'people') AND NEW.reverses_id IS NULL
      AND (SELECT expires_on FROM lot WHERE id = NEW.lot_id) < (now() AT TIME ZONE 'utc')::date
  THEN
    RAISE EXCEPTION 'lot_expired' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.target_kind IN ('transit', 'people') AND NEW.reverses_id IS NULL AND EXISTS (
      SELECT 1 FROM recall_lot AS l JOIN recall AS r ON r.id = l.recall_id
       WHERE l.lot_id = NEW.lot_id AND r.closed_at IS NULL) THEN
    RAISE EXCEPTION 'lot_recalled' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION aidlog_movement_apply() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free BIGINT;
  owner BIGINT;
BEGIN
  SELECT organisation_id INTO owner FROM lot WHERE id = NEW.lot_id;
  INSERT INTO stock_balance (lot_id, kind, key, item_id, organisation_id, on_hand, reserved)
    SELECT NEW.lot_id, side.kind, side.key, NEW.item_id, owner, 0, 0
      FROM (VALUES (NEW.source_kind, NEW.source_key), (NEW.target_kind, NEW.target_key))
           AS side(kind, key) ORDER BY side.kind, side.key
    ON CONFLICT DO NOTHING;
  -- one order for all, so that A to B and B to A cannot wait on each other
  PERFORM 1 FROM stock_balance WHERE lot_id = NEW.lot_id
     AND ((kind = NEW.source_kind AND key = NEW.source_key)
       OR (kind = NEW.target_kind AND key = NEW.target_key))
   ORDER BY lot_id, kind, key FOR UPDATE;
  IF NEW.source_kind NOT IN ('donor', 'found', 'handed_over', 'remade') THEN
    SELECT on_hand - reserved INTO free FROM stock_balance
     WHERE lot_id = NEW.lot_id AND kind = NEW.source_kind AND key = NEW.source_key;
    IF free < NEW.quantity THEN
      RAISE EXCEPTION 'not_enough_stock' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  INSERT INTO stock_total (kind, key, organisation_id, item_id, on_hand, reserved)
    SELECT side.kind, side.key, owner, NEW.item_id, 0, 0
      FROM (VALUES (NEW.source_kind, NEW.source_key), (NEW.target_kind, NEW.target_key))
           AS side(kind, key) ORDER BY side.kind, side.key
    ON CONFLICT DO NOTHING;
  PERFORM 1 FROM stock_total WHERE organisation_id = owner AND item_id = NEW.item_id
     AND ((kind = NEW.source_kind AND key = NEW.source_key)
       OR (kind = NEW.target_kind AND key = NEW.target_key))
   ORDER BY kind, key FOR UPDATE;
  UPDATE stock_balance SET on_hand = on_hand - NEW.quantity
   WHERE lot_id = NEW.lot_id AND kind = NEW.source_kind AND key = NEW.source_key;
  UPDATE stock_balance SET on_hand = on_hand + NEW.quantity
   WHERE lot_id = NEW.lot_id AND kind = NEW.target_kind AND key = NEW.target_key;
  UPDATE stock_total SET on_hand = on_hand - NEW.quantity
   WHERE kind = NEW.source_kind AND key = NEW.source_key
     AND organisation_id = owner AND item_id = NEW.item_id;
  UPDATE stock_total SET on_hand = on_hand + NEW.quantity
   WHERE kind = NEW.target_kind AND key = NEW.target_key
     AND organisation_id = owner AND item_id = NEW.item_id;
  RETURN NEW;
END $$;

CREATE FUNCTION aidlog_reservation_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'held' THEN
    RAISE EXCEPTION 'reservation_starts_held' USING ERRCODE = 'check_violation';
  END IF;
  UPDATE stock_balance SET reserved = reserved + NEW.quantity
   WHERE lot_id = NEW.lot_id AND kind = NEW.kind AND key = NEW.key;
  UPDATE stock_total AS t SET reserved = reserved + NEW.quantity FROM lot
   WHERE lot.id = NEW.lot_id AND t.kind = NEW.kind AND t.key = NEW.key
     AND t.item_id = lot.item_id AND t.organisation_id = lot.organisation_id;
  RETURN NEW;
END $$;

CREATE FUNCTION aidlog_reservation_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'held' OR NEW.state NOT IN ('consumed', 'released')
      OR NEW.quantity <> OLD.quantity OR NEW.lot_id <> OLD.lot_id
      OR NEW.kind <> OLD.kind OR NEW.key <> OLD.key OR NEW.document_id <> OLD.document_id THEN
    RAISE EXCEPTION 'reservation_ends_once_and_whole' USING ERRCODE = 'check_violation';
  END IF;
  UPDATE stock_balance SET reserved = reserved - OLD.quantity
   WHERE lot_id = OLD.lot_id AND kind = OLD.kind AND key = OLD.key;
  UPDATE stock_total AS t SET reserved = reserved - OLD.quantity FROM lot
   WHERE lot.id = OLD.lot_id AND t.kind = OLD.kind AND t.key = OLD.key
     AND t.item_id = lot.item_id AND t.organisation_id = lot.organisation_id;
  RETURN NEW;
END $$;

CREATE FUNCTION aidlog_lot_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.item_id <> OLD.item_id OR NEW.number <> OLD.number
      OR NEW.expires_on IS DISTINCT FROM OLD.expires_on OR NEW.origin <> OLD.origin
      OR NEW.organisation_id <> OLD.organisation_id OR NEW.pack_size <> OLD.pack_size
      OR NEW.pack_kind <> OLD.pack_kind THEN
    RAISE EXCEPTION 'lot_is_fixed_at_receipt' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER stock_movement_check BEFORE INSERT ON stock_movement
  FOR EACH ROW EXECUTE FUNCTION aidlog_movement_check();
CREATE TRIGGER stock_movement_apply AFTER INSERT ON stock_movement
  FOR EACH ROW EXECUTE FUNCTION aidlog_movement_apply();
CREATE TRIGGER reservation_hold AFTER INSERT ON reservation
  FOR EACH ROW EXECUTE FUNCTION aidlog_reservation_hold();
CREATE TRIGGER reservation_end BEFORE UPDATE ON reservation
  FOR EACH ROW EXECUTE FUNCTION aidlog_reservation_end();
CREATE TRIGGER reservation_kept BEFORE DELETE ON reservation
  FOR EACH ROW EXECUTE FUNCTION aidlog_frozen();
CREATE TRIGGER lot_fixed BEFORE UPDATE ON lot
  FOR EACH ROW EXECUTE FUNCTION aidlog_lot_fixed();
CREATE FUNCTION aidlog_item_pack_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.item_id <> OLD.item_id OR NEW.kind <> OLD.kind OR NEW.size <> OLD.size THEN
    RAISE EXCEPTION 'item_pack_is_fixed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER item_pack_fixed BEFORE UPDATE ON item_pack
  FOR EACH ROW EXECUTE FUNCTION aidlog_item_pack_fixed();
CREATE TRIGGER lot_kept BEFORE DELETE ON lot
  FOR EACH ROW EXECUTE FUNCTION aidlog_frozen();
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, body in SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {body}")
        for table in FROZEN:
            for act in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} BEGIN"
                    f" SELECT RAISE(ABORT, '{table}_is_frozen'); END"
                )
    else:
        op.execute(POSTGRESQL)
        for table in FROZEN:
            op.execute(
                f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION aidlog_frozen()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION aidlog_frozen()"
            )
    op.execute(f"INSERT INTO audit_head (id, entry_id, seal) VALUES (1, 0, '{'0' * 64}')")


def downgrade() -> None:
    op.execute("DELETE FROM audit_head")
    if op.get_bind().dialect.name == "sqlite":
        for name in SQLITE:
            op.execute(f"DROP TRIGGER {name}")
        for table in FROZEN:
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(f"DROP TRIGGER {table}_no_delete")
        return
    for table in FROZEN:
        op.execute(f"DROP TRIGGER {table}_frozen ON {table}")
        op.execute(f"DROP TRIGGER {table}_not_emptied ON {table}")
    for trigger, table in (
        ("stock_movement_check", "stock_movement"),
        ("stock_movement_apply", "stock_movement"),
        ("reservation_hold", "reservation"),
        ("reservation_end", "reservation"),
        ("reservation_kept", "reservation"),
        ("lot_fixed", "lot"),
        ("lot_kept", "lot"),
        ("item_pack_fixed", "item_pack"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for function in (
        "frozen",
        "movement_check",
        "movement_apply",
        "reservation_hold",
        "reservation_end",
        "lot_fixed",
        "item_pack_fixed",
    ):
        op.execute(f"DROP FUNCTION aidlog_{function}()")
