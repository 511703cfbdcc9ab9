-- migrate:up
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, sku)
);

-- migrate:down
DROP TABLE order_lines;
