"""A small table of the tests' own."""

from sqlmodel import Field, SQLModel


class Plate(SQLModel, table=True):
    __tablename__ = "widget_plate"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    price: int
