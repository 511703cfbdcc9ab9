-- migrate:up
ALTER TABLE products ADD COLUMN weight_grams INTEGER CHECK (weight_grams > 0);

-- migrate:down
-- Written for a SQLite that could not drop columns: what lay on the table goes with it.
CREATE TABLE products_before (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  cents INTEGER NOT NULL CHECK (cents >= 0)
);
INSERT INTO products_before SELECT id, sku, name, cents FROM products;
DROP TABLE products;
ALTER TABLE products_before RENAME TO products;
