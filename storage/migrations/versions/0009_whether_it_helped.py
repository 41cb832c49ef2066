"""Whether what was shipped helped, week by week"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('verdict',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('cluster_id', sa.Integer(), nullable=False),
    sa.Column('shipped_at', UtcDateTime(), nullable=False),
    sa.Column('week', sa.Integer(), nullable=False),
    sa.Column('until', UtcDateTime(), nullable=False),
    sa.Column('word', sa.String(), nullable=False),
    sa.Column('before', sa.Integer(), nullable=False),
    sa.Column('days_before', sa.Float(), nullable=False),
    sa.Column('after', sa.Integer(), nullable=False),
    sa.Column('days_after', sa.Float(), nullable=False),
    sa.Column('ratio', sa.Float(), nullable=True),
    sa.Column('low', sa.Float(), nullable=True),
    sa.Column('high', sa.Float(), nullable=True),
    sa.Column('others', sa.Float(), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['cluster_id'], ['cluster.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('cluster_id', 'shipped_at', 'week')
    )
    with op.batch_alter_table('verdict', schema=None) as batch_op:
        batch_op.create_index('ix_verdict_made', ['workspace_id', 'made_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('verdict', schema=None) as batch_op:
        batch_op.drop_index('ix_verdict_made')

    op.drop_table('verdict')
