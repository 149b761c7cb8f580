"""The floor: what the same pages cost with nothing but Flask, SQLAlchemy and SQLite.

No login, no permissions, no audit, no languages, no history that balances. /orm is how one
would write it first; /tight uses Core and statements made once. Measured beside aidlog in the
same run, since a ratio holds on a busy machine where a figure in seconds does not.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

from flask import Flask, redirect, render_template_string, request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    Engine,
    ForeignKey,
    Index,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

STORES = 3
ITEMS = 200
LOTS = 100_000


class Table(DeclarativeBase):
    pass


class Goods(Table):
    __tablename__ = "goods"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]


class Batch(Table):
    __tablename__ = "batch"
    __table_args__ = (Index("ix_batch_store", "store", "expires_on", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    store: Mapped[int]
    goods_id: Mapped[int] = mapped_column(ForeignKey("goods.id"))
    number: Mapped[str]
    expires_on: Mapped[date]
    quantity: Mapped[int]
    goods: Mapped[Goods] = relationship()


class Move(Table):
    __tablename__ = "move"
    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    quantity: Mapped[int]
    moved_on: Mapped[date]


db = SQLAlchemy(model_class=Table)

PAGE = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>"
LIST = PAGE + (
    "<table>{% for b in batches %}<tr><td>{{ b.goods.code }}<td>{{ b.goods.name }}"
    "<td>{{ b.number }}<td>{{ b.expires_on }}<td>{{ b.quantity }}</tr>{% endfor %}</table>"
)
TOTALS = (
    PAGE + "<ul>{% for s, n, q in rows %}<li>{{ s }}: {{ n }} lots, {{ q }}</li>{% endfor %}</ul>"
)
DETAIL = PAGE + (
    "<p>{{ batch.goods.name }} {{ batch.quantity }}</p>"
    "<table>{% for m in moves %}<tr><td>{{ m.moved_on }}<td>{{ m.quantity }}</tr>{% endfor %}"
    "</table>"
)
ROWS = PAGE + (
    "<table>{% for r in batches %}<tr><td>{{ r[0] }}<td>{{ r[1] }}<td>{{ r[2] }}<td>{{ r[3] }}"
    "<td>{{ r[4] }}</tr>{% endfor %}</table>"
)

BOARD = PAGE + (
    "<table>{% for row in rows %}<tr>{% for b in row %}<td><b>{{ b.quantity }}</b>"
    "<i>{{ b.quantity // 2 }}</i>{% endfor %}</tr>{% endfor %}</table><p>{{ sums|length }}"
)

TIGHT_LIST = (
    select(Goods.code, Goods.name, Batch.number, Batch.expires_on, Batch.quantity)
    .join(Goods, Goods.id == Batch.goods_id)
    .where(Batch.store == bindparam("store"))
    .order_by(Batch.expires_on, Batch.id)
    .limit(25)
)
TIGHT_TAKE = (
    update(Batch)
    .where(Batch.id == bindparam("batch"), Batch.quantity >= bindparam("asked"))
    .values(quantity=Batch.quantity - bindparam("asked"))
)


def create_app() -> Flask:
    """Return the floor on the file named by FLOOR_FILE."""
    app = Flask("floor")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.environ['FLOOR_FILE']}"
    db.init_app(app)
    with app.app_context():
        _durable(db.engine)
    app.get("/health")(lambda: "ok")
    app.get("/orm/list")(_orm_list)
    app.get("/orm/totals")(_orm_totals)
    app.get("/orm/detail/<int:batch_id>")(_orm_detail)
    app.get("/orm/board")(_orm_board)
    app.post("/orm/issue")(_orm_issue)
    app.get("/tight/list")(_tight_list)
    app.post("/tight/issue")(_tight_issue)
    return app


def _durable(engine: Engine) -> None:
    """WAL with full syncs; whoever posts takes the lock first, or clients would fail."""

    @event.listens_for(engine, "connect")
    def connected(dbapi: object, _record: object) -> None:
        dbapi.isolation_level = None  # type: ignore[attr-defined]
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            dbapi.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if request.method == "POST" else "BEGIN")


def _orm_list() -> str:
    batches = db.session.scalars(
        select(Batch)
        .options(joinedload(Batch.goods))
        .where(Batch.store == int(request.args["store"]))
        .order_by(Batch.expires_on, Batch.id)
        .limit(25)
    ).all()
    return render_template_string(LIST, title="Stock", batches=batches)


def _orm_totals() -> str:
    rows = db.session.execute(
        select(Batch.store, func.count(), func.sum(Batch.quantity)).group_by(Batch.store)
    ).all()
    return render_template_string(TOTALS, title="Today", rows=rows)


def _orm_detail(batch_id: int) -> str:
    batch = db.session.scalars(
        select(Batch).options(joinedload(Batch.goods)).where(Batch.id == batch_id)
    ).one()
    moves = db.session.scalars(
        select(Move).where(Move.batch_id == batch_id).order_by(Move.id.desc()).limit(50)
    ).all()
    return render_template_string(DETAIL, title=batch.number, batch=batch, moves=moves)


def _orm_board() -> str:
    """18,000 cells as they stand in a table of their own, added up; 50 rows of 15 shown."""
    cells = db.session.scalars(select(Batch).order_by(Batch.id).limit(18_000)).all()
    sums: dict[int, int] = {}
    for cell in cells:
        sums[cell.goods_id] = sums.get(cell.goods_id, 0) + cell.quantity
    rows = [cells[60 * row : 60 * row + 15] for row in range(50)]
    return render_template_string(BOARD, title="Needs", rows=rows, sums=sums)


def _orm_issue() -> ResponseReturnValue:
    batch = db.session.get_one(Batch, int(request.form["batch"]))
    asked = int(request.form["quantity"])
    if batch.quantity < asked:
        return "not enough", 409
    batch.quantity -= asked
    db.session.add(Move(batch_id=batch.id, quantity=asked, moved_on=date(2026, 11, 20)))
    db.session.commit()
    return redirect("/orm/list?store=1", 303)


def _tight_list() -> str:
    rows = db.session.connection().execute(TIGHT_LIST, {"store": int(request.args["store"])})
    return render_template_string(ROWS, title="Stock", batches=rows.all())


def _tight_issue() -> ResponseReturnValue:
    connection = db.session.connection()
    asked = int(request.form["quantity"])
    batch = int(request.form["batch"])
    taken = connection.execute(TIGHT_TAKE, {"batch": batch, "asked": asked})
    if not taken.rowcount:
        return "not enough", 409
    connection.execute(
        insert(Move), {"batch_id": batch, "quantity": asked, "moved_on": date(2026, 11, 20)}
    )
    db.session.commit()
    return redirect("/tight/list?store=1", 303)


def fill(file: Path) -> None:
    """Make the floor's own database: 100,000 lots, and 60 moves of the first one."""
    engine = create_engine(f"sqlite:///{file}")
    Table.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(Goods),
            [{"code": f"ITEM{n:04d}", "name": f"Item number {n}"} for n in range(ITEMS)],
        )
        connection.execute(
            insert(Batch),
            [
                {
                    "store": 1 + n % STORES,
                    "goods_id": 1 + n % ITEMS,
                    "number": f"L{n:06d}",
                    "expires_on": date(2027, 6, 1) + timedelta(days=n % 700),
                    "quantity": 1_000_000,
                }
                for n in range(LOTS)
            ],
        )
        connection.execute(
            insert(Move),
            [{"batch_id": 1, "quantity": n + 1, "moved_on": date(2026, 11, 1)} for n in range(60)],
        )
    engine.dispose()
