"""How people stand in clusters, and what a digest showed"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Its rows are derived, and its triggers made, at the end of every migration: storage.triggers.
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

    with op.batch_alter_table('digest', schema=None) as batch_op:
        batch_op.add_column(sa.Column('shown', sa.JSON(), server_default='{}', nullable=False))

    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_index('ix_report_cluster')
        batch_op.create_index('ix_report_cluster', ['workspace_id', 'cluster_id', 'said_at'], unique=False)
        batch_op.create_index('ix_report_person', ['cluster_id', 'reporter'], unique=False)
        batch_op.create_index('ix_report_said', ['workspace_id', 'said_at', 'cluster_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_index('ix_report_said')
        batch_op.drop_index('ix_report_person')
        batch_op.drop_index('ix_report_cluster')
        batch_op.create_index('ix_report_cluster', ['workspace_id', 'cluster_id'], unique=False)

    with op.batch_alter_table('digest', schema=None) as batch_op:
        batch_op.drop_column('shown')

    with op.batch_alter_table('developer', schema=None) as batch_op:
        batch_op.drop_index('ix_developer_workspace')

    op.drop_table('developer')
