"""How long a cluster rests: since when, and until how many developers have it"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('cluster', sa.Column('snoozed_at', UtcDateTime(), nullable=True))
    op.add_column('cluster', sa.Column('snoozed_below', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    for column in ('snoozed_below', 'snoozed_at'):
        op.drop_column('cluster', column)
