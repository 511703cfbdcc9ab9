"""A small shop: carts, prices, orders."""
