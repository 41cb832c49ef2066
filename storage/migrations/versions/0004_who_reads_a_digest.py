"""Digests to channels, pauses, lengths, and zones that are followed or not"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

def upgrade() -> None:
    op.execute("ALTER TABLE subscription RENAME COLUMN person TO reader")
    # Column by column: SQLite cannot rebuild a table that rows of another refer to.
    op.add_column('subscription', sa.Column('person', sa.String(), nullable=False, server_default=''))
    op.add_column('subscription', sa.Column('tz_chosen', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('subscription', sa.Column('length', sa.Integer(), nullable=False, server_default='5'))
    op.add_column('subscription', sa.Column('paused_until', UtcDateTime(), nullable=True))
    op.add_column('subscription', sa.Column('ended_at', UtcDateTime(), nullable=True))
    op.execute("UPDATE subscription SET person = reader")
    op.create_index('ix_subscription_person', 'subscription', ['workspace_id', 'person'])


def downgrade() -> None:
    gone = "reader <> person OR ended_at IS NOT NULL"
    op.execute(f"DELETE FROM digest WHERE subscription_id IN (SELECT id FROM subscription WHERE {gone})")
    op.execute(f"DELETE FROM subscription WHERE {gone}")
    op.drop_index('ix_subscription_person', 'subscription')
    for column in ('person', 'tz_chosen', 'length', 'paused_until', 'ended_at'):
        op.drop_column('subscription', column)
    op.execute("ALTER TABLE subscription RENAME COLUMN reader TO person")
