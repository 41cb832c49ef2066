"""What answers say of alike: fittings of the link model by what people called the same or different"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('link_fit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('fitted_at', UtcDateTime(), nullable=False),
    sa.Column('figures', sa.String(), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('held_back', sa.Integer(), nullable=False),
    sa.Column('old_loss', sa.Float(), nullable=False),
    sa.Column('new_loss', sa.Float(), nullable=False),
    sa.Column('precision', sa.Float(), nullable=False),
    sa.Column('recall', sa.Float(), nullable=False),
    sa.Column('weights', sa.JSON(), nullable=False),
    sa.Column('taken', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_link_fit_workspace', 'link_fit', ['workspace_id', 'taken'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_link_fit_workspace', table_name='link_fit')
    op.drop_table('link_fit')
