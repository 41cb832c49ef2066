"""Alembic's way in. It runs inside the connection that `storage.database` hands over, never by itself."""

from alembic import context
from sqlmodel import SQLModel

from storage import developers, models, notices

connection = context.config.attributes["connection"]
tables = (models.Report, developers.Developer, notices.Notice)
assert all(table.metadata is SQLModel.metadata for table in tables)
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
