-- migrate:up
CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  cents INTEGER NOT NULL CHECK (cents >= 0)
);

-- migrate:down
DROP TABLE products;
