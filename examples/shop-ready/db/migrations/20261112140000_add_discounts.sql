-- migrate:up
CREATE TABLE discounts (
    code TEXT PRIMARY KEY,
    percent INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100)
);
ALTER TABLE orders ADD COLUMN discount_code TEXT;
CREATE INDEX orders_by_discount ON orders (discount_code);

-- migrate:down
DROP INDEX orders_by_discount;
ALTER TABLE orders DROP COLUMN discount_code;
DROP TABLE discounts;
