"""What people chose to see in their App Home."""

from __future__ import annotations

from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.upsert import insert


class Home(SQLModel, table=True):
    """What somebody chose to see of the ranked list in their App Home; empty: all of it. `page` counts from 0."""

    workspace_id: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    area: str = ""
    status: str = ""
    owner: str = ""
    age: str = ""
    page: int = 0


async def get(session: AsyncSession, workspace_id: str, person: str) -> Home:
    """What this person chose last; everything, when they never chose."""
    return await session.get(Home, (workspace_id, person)) or Home(workspace_id=workspace_id, person=person)


async def choose(session: AsyncSession, workspace_id: str, person: str, **chosen: str | int) -> None:
    """Remember a choice beside the others. `chosen`: columns of Home."""
    row = insert(session, Home).values(**Home(workspace_id=workspace_id, person=person).model_dump() | chosen)
    await session.execute(row.on_conflict_do_update(index_elements=["workspace_id", "person"], set_=chosen))
