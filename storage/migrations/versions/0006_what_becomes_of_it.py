"""What becomes of a cluster: its status with a reason, who sees to it, and how long it may rest"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Column by column: SQLite cannot rebuild a table that rows of another refer to.
    op.add_column('cluster', sa.Column('status_at', UtcDateTime(), nullable=True))
    op.add_column('cluster', sa.Column('owner', sa.String(), nullable=False, server_default=''))
    op.add_column('cluster', sa.Column('snoozed_until', UtcDateTime(), nullable=True))
    op.add_column('fact', sa.Column('reason', sa.Text(), nullable=False, server_default=''))
    op.add_column('fact', sa.Column('link', sa.Text(), nullable=False, server_default=''))


def downgrade() -> None:
    for column in ('link', 'reason'):
        op.drop_column('fact', column)
    for column in ('snoozed_until', 'owner', 'status_at'):
        op.drop_column('cluster', column)
