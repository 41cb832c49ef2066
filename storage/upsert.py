"""INSERT … ON CONFLICT, which SQLite and PostgreSQL both speak but SQLAlchemy spells once for each."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


def insert(session: AsyncSession, table: type[SQLModel]) -> Any:
    """An INSERT for `table` that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    dialect = session.get_bind().dialect.name
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


def values(row: SQLModel) -> dict[str, Any]:
    """What `row` holds, without the id that the database gives."""
    return row.model_dump(exclude={"id"})
