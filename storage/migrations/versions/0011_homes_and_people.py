"""What people chose to see in their Home; people by their cluster; votes that were taken back are found at once"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Its rows are derived, and its triggers made, at the end of every migration: storage.triggers.
    op.drop_table('developer')
    op.create_table('developer',
    sa.Column('cluster_id', sa.Integer(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('unnamed', sa.Boolean(), nullable=False),
    sa.Column('first_at', UtcDateTime(), nullable=False),
    sa.Column('last_at', UtcDateTime(), nullable=False),
    sa.Column('severity', sa.Integer(), nullable=True),
    sa.Column('reports', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('cluster_id', 'person'),
    sqlite_with_rowid=False
    )
    taken_back = sa.text('NOT given')
    with op.batch_alter_table('vote', schema=None) as batch_op:
        batch_op.create_index('ix_vote_withdrawn', ['workspace_id', 'id'], unique=False,
                              sqlite_where=taken_back, postgresql_where=taken_back)

    op.create_table('home',
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('area', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('age', sa.String(), nullable=False),
    sa.Column('page', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('workspace_id', 'person')
    )


def downgrade() -> None:
    op.drop_table('home')
    with op.batch_alter_table('vote', schema=None) as batch_op:
        batch_op.drop_index('ix_vote_withdrawn')

    op.drop_table('developer')
    op.create_table('developer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('cluster_id', sa.Integer(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('unnamed', sa.Boolean(), nullable=False),
    sa.Column('first_at', UtcDateTime(), nullable=False),
    sa.Column('last_at', UtcDateTime(), nullable=False),
    sa.Column('severity', sa.Integer(), nullable=True),
    sa.Column('reports', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('cluster_id', 'person')
    )
    with op.batch_alter_table('developer', schema=None) as batch_op:
        batch_op.create_index('ix_developer_workspace', ['workspace_id', 'cluster_id', 'last_at'], unique=False)
