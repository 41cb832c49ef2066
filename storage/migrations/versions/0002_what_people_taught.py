"""What people taught: what the classifier said of each report, and each fitting of it"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('workspace', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fit_due_at', UtcDateTime(), nullable=True))
    # What was said of the reports that are there is not known any more: they count in no record.
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.add_column(sa.Column('likeliest', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('answered', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.alter_column('likeliest', server_default=None)
        batch_op.alter_column('answered', server_default=None)

    op.create_table('fit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('fitted_at', UtcDateTime(), nullable=False),
    sa.Column('examples', sa.String(), nullable=False),
    sa.Column('taught', sa.String(), nullable=False),
    sa.Column('lessons', sa.JSON(), nullable=False),
    sa.Column('held_back', sa.Integer(), nullable=False),
    sa.Column('old_score', sa.Float(), nullable=True),
    sa.Column('new_score', sa.Float(), nullable=True),
    sa.Column('taken', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('fit', schema=None) as batch_op:
        batch_op.create_index('ix_fit_workspace', ['workspace_id', 'taken'], unique=False)

    op.create_table('model',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('fit_id', sa.Integer(), nullable=False),
    sa.Column('file', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['fit_id'], ['fit.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('workspace_id')
    )


def downgrade() -> None:
    op.drop_table('model')
    with op.batch_alter_table('fit', schema=None) as batch_op:
        batch_op.drop_index('ix_fit_workspace')

    op.drop_table('fit')
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_column('answered')
        batch_op.drop_column('likeliest')

    with op.batch_alter_table('workspace', schema=None) as batch_op:
        batch_op.drop_column('fit_due_at')
