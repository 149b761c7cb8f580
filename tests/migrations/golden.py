"""The schema as the migrations leave it, written out so that two of them can be compared.

``python -m tests.migrations.golden`` writes the golden files anew after a migration that is
meant; the difference is then read like any other change.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text

from tests.conftest import migrate_up
from tests.postgres import running_server

FOLDER = Path(__file__).parent / "golden"

#: Everything of a PostgreSQL schema that a migration can make, as rows (kind, name, definition).
POSTGRESQL = """
SELECT 'table', c.relname || '.' || a.attname,
       format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
       || CASE WHEN a.attidentity <> '' THEN ' IDENTITY' ELSE '' END
       || COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
  FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
   AND NOT a.attisdropped
  LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT 'constraint', c.relname || '.' || k.conname, pg_get_constraintdef(k.oid)
  FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
 WHERE k.connamespace = 'public'::regnamespace AND k.contype <> 'n'
UNION ALL
SELECT 'index', tablename || '.' || indexname, indexdef FROM pg_indexes
 WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid)
  FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'function', p.proname::text, pg_get_functiondef(p.oid) FROM pg_proc AS p
 WHERE p.pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'sequence', c.relname::text, '' FROM pg_class AS c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'
"""

SQLITE = "SELECT type, tbl_name || '.' || name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def schema_of(connection: Connection) -> str:
    """Return tables, named constraints, indexes, triggers and functions, one statement a line."""
    rows = connection.execute(text(SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL))
    return "".join(
        f"{kind} {name}: {_one_line(definition)}\n"
        for kind, name, definition in sorted(tuple(row) for row in rows)
    )


def golden(dialect: str) -> Path:
    return FOLDER / f"{dialect}.sql"


def _one_line(definition: str) -> str:
    without_comments = re.sub(r"--[^\n]*", " ", definition)
    return re.sub(r"\s+", " ", without_comments).strip()


def migrated(url: str, data_dir: Path) -> str:
    """Migrate the empty database at ``url`` and return its schema."""
    migrate_up(url, data_dir)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return schema_of(connection)
    finally:
        engine.dispose()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, running_server() as server:
        folder = Path(name)
        urls = {
            "sqlite": f"sqlite:///{folder / 'golden.db'}",
            "postgresql": make_url(server).render_as_string(hide_password=False),
        }
        for dialect, url in urls.items():
            golden(dialect).write_text(migrated(url, folder), encoding="utf-8")
            sys.stdout.write(f"wrote {golden(dialect).name}\n")


if __name__ == "__main__":
    main()
