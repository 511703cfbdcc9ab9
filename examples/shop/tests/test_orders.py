import pathlib
import sqlite3

import pytest

from shop.cart import Cart
from shop.orders import place

MIGRATIONS = pathlib.Path(__file__).parent.parent / "db" / "migrations"


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:")
    for path in sorted(MIGRATIONS.glob("*.sql")):
        connection.executescript(path.read_text().split("-- migrate:down")[0])
    return connection


def test_an_order_keeps_its_lines(connection):
    cart = Cart()
    cart.add("tea", 450, 2)
    cart.add("pot", 2900)
    order = place(connection, "mia", cart)
    assert connection.execute("SELECT total_cents FROM orders WHERE id = ?", (order,)).fetchone() == (3800,)
    assert connection.execute("SELECT count(*) FROM order_lines WHERE order_id = ?", (order,)).fetchone() == (2,)


def test_an_empty_cart_cannot_be_ordered(connection):
    with pytest.raises(ValueError):
        place(connection, "mia", Cart())
