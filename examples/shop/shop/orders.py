"""Orders in SQLite."""

import sqlite3

from shop.cart import Cart


def place(connection: sqlite3.Connection, customer: str, cart: Cart) -> int:
    if not cart.lines:
        raise ValueError("an empty cart cannot be ordered")
    cursor = connection.execute(
        "INSERT INTO orders (customer, total_cents) VALUES (?, ?)", (customer, cart.total())
    )
    order = cursor.lastrowid
    connection.executemany(
        "INSERT INTO order_lines (order_id, sku, quantity, cents) VALUES (?, ?, ?, ?)",
        [(order, sku, quantity, cents) for sku, (cents, quantity) in cart.lines.items()],
    )
    return order
