"""Los modelos de La Comanda: platos, pedidos y usuarios.

Cada uno viene en familia: `DishBase` (lo común), `Dish` (la tabla), `DishCreate` (lo que un cliente envía
para crear), `DishPublic` (lo que la API contesta) y `DishUpdate` (un cambio parcial: todo es opcional).
"""

from enum import StrEnum
from typing import Any

from pydantic import field_validator
from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

MAX_PRICE = 10_000  # pesos
MAX_POT = 50_000


class Category(StrEnum):
    """En qué parte de la carta está un plato."""

    STARTER = "entrada"
    MAIN = "plato fuerte"
    DESSERT = "postre"
    DRINK = "bebida"


class DishBase(SQLModel):
    """Lo que todo plato tiene. `price` va en pesos enteros."""

    name: str = Field(min_length=2, max_length=60, unique=True, index=True)
    category: Category
    price: int = Field(gt=0, le=MAX_PRICE)
    available: bool = True
    description: str = Field(default="", max_length=200)


class Dish(DishBase, table=True):
    """La tabla `dish`. `version` cuenta las veces que se ha escrito la fila."""

    __table_args__ = (CheckConstraint("price > 0", name="price_positive"),)

    id: int | None = Field(default=None, primary_key=True)
    version: int = 1


class DishCreate(DishBase):
    """Lo que un cliente envía para crear un plato. Un campo desconocido se rechaza."""

    model_config = {"extra": "forbid"}


class DishPublic(DishBase):
    """Lo que la API contesta."""

    id: int
    version: int


class DishUpdate(SQLModel):
    """Un cambio parcial: solo se toca lo que llega."""

    model_config = {"extra": "forbid"}

    name: str | None = Field(default=None, min_length=2, max_length=60)
    category: Category | None = None
    price: int | None = Field(default=None, gt=0, le=MAX_PRICE)
    available: bool | None = None
    description: str | None = Field(default=None, max_length=200)

    @field_validator("*", mode="before")
    @classmethod
    def _null_is_not_a_change(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("null no es un valor: para no cambiar un campo, no lo envíes")
        return value


class OrderStatus(StrEnum):
    """Por dónde va un pedido."""

    RECEIVED = "recibido"
    COOKING = "en cocina"
    SERVED = "servido"


class OrderBase(SQLModel):
    """Lo que todo pedido tiene: mesa, plato y cantidad."""

    table_number: int = Field(ge=1, le=99)
    dish_id: int = Field(foreign_key="dish.id")
    quantity: int = Field(default=1, ge=1, le=50)


class Order(OrderBase, table=True):
    """La tabla `order`. `folio` lo elige quien pide, para poder repetir la petición sin pedir dos veces."""

    folio: str = Field(primary_key=True, min_length=1, max_length=40)
    status: OrderStatus = OrderStatus.RECEIVED


class OrderCreate(OrderBase):
    """Lo que un cliente envía para pedir."""

    model_config = {"extra": "forbid"}


class OrderPublic(OrderBase):
    """Lo que la API contesta."""

    folio: str
    status: OrderStatus


class OrderUpdate(SQLModel):
    """Un cambio parcial de un pedido."""

    model_config = {"extra": "forbid"}

    quantity: int | None = Field(default=None, ge=1, le=50)
    status: OrderStatus | None = None


class InvoiceBase(SQLModel):
    """Lo que toda factura tiene. `total` va en pesos enteros."""

    folio: str = Field(primary_key=True, min_length=1, max_length=40)
    total: int = Field(gt=0)


class Invoice(InvoiceBase, table=True):
    """La tabla `invoice`: una factura por folio. Está lista cuando tiene su timbre (`stamp`)."""

    stamp: str = ""


class InvoiceCreate(InvoiceBase):
    """Lo que un cliente envía para pedir su factura."""

    model_config = {"extra": "forbid"}


class Pot(SQLModel, table=True):
    """La tabla `pot`: un bote de propinas. `total` va en pesos y la base no deja que pase del tope."""

    __table_args__ = (CheckConstraint(f"total <= {MAX_POT}", name="pot_not_overflowing"),)

    name: str = Field(primary_key=True, max_length=40)
    total: int = 0


class Tip(SQLModel, table=True):
    """La tabla `tip`: cada propina que ya se sumó a un bote, por folio."""

    folio: str = Field(primary_key=True, max_length=40)
    pot: str = Field(foreign_key="pot.name")
    amount: int = Field(gt=0)


class Role(StrEnum):
    """Qué puede hacer un usuario."""

    GUEST = "comensal"
    WAITER = "mesero"
    MANAGER = "gerencia"


class UserBase(SQLModel):
    """Lo que todo usuario tiene."""

    name: str = Field(min_length=2, max_length=60)
    email: str = Field(max_length=120, unique=True, index=True)
    role: Role = Role.GUEST


class User(UserBase, table=True):
    """La tabla `user`."""

    id: int | None = Field(default=None, primary_key=True)


class UserCreate(UserBase):
    """Lo que un cliente envía para darse de alta."""

    model_config = {"extra": "forbid"}


class UserPublic(UserBase):
    """Lo que la API contesta."""

    id: int


class UserUpdate(SQLModel):
    """Un cambio parcial de un usuario."""

    model_config = {"extra": "forbid"}

    name: str | None = Field(default=None, min_length=2, max_length=60)
    email: str | None = Field(default=None, max_length=120)
    role: Role | None = None
