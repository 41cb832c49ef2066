"""Alembic's way in. It runs inside the connection that `storage.database` hands over, never by itself."""

from alembic import context
from sqlmodel import SQLModel

from storage import developers, models, people

connection = context.config.attributes["connection"]
assert models.Report.metadata is developers.Developer.metadata is people.Unflagged.metadata is SQLModel.metadata
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
