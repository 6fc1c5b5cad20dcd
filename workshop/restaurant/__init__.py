"""El dominio que comparten los capítulos: platos, pedidos y usuarios de La Comanda."""

from workshop.restaurant.api import DishId, IfMatch, etag, find_dish, menu_routes, write_dish
from workshop.restaurant.cloakroom import session_inspection, wallet_page
from workshop.restaurant.counter import QueryCounter
from workshop.restaurant.database import SessionDep, get_session, menu_database, menu_engine
from workshop.restaurant.inspection import cache_inspection
from workshop.restaurant.menu import load_menu
from workshop.restaurant.models import (
    Category,
    Dish,
    DishBase,
    DishCreate,
    DishPublic,
    DishUpdate,
    Invoice,
    InvoiceBase,
    InvoiceCreate,
    Order,
    OrderBase,
    OrderCreate,
    OrderPublic,
    OrderStatus,
    OrderUpdate,
    Pot,
    Role,
    Tip,
    User,
    UserBase,
    UserCreate,
    UserPublic,
    UserUpdate,
)
from workshop.restaurant.sales import SALES, Sale, best_sellers, sales_database
from workshop.restaurant.stamps import stamp_service
from workshop.restaurant.tips import tip_routes

__all__ = [
    "SALES",
    "Category",
    "Dish",
    "DishBase",
    "DishCreate",
    "DishId",
    "DishPublic",
    "DishUpdate",
    "IfMatch",
    "Invoice",
    "InvoiceBase",
    "InvoiceCreate",
    "Order",
    "OrderBase",
    "OrderCreate",
    "OrderPublic",
    "OrderStatus",
    "OrderUpdate",
    "Pot",
    "QueryCounter",
    "Role",
    "Sale",
    "SessionDep",
    "Tip",
    "User",
    "UserBase",
    "UserCreate",
    "UserPublic",
    "UserUpdate",
    "best_sellers",
    "cache_inspection",
    "etag",
    "find_dish",
    "get_session",
    "load_menu",
    "menu_database",
    "menu_engine",
    "menu_routes",
    "sales_database",
    "session_inspection",
    "stamp_service",
    "tip_routes",
    "wallet_page",
    "write_dish",
]
