-- migrate:up
CREATE TABLE discounts (
    code TEXT PRIMARY KEY,
    percent INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100)
);
ALTER TABLE orders ADD COLUMN discount_code TEXT;
CREATE INDEX orders_by_customer_and_discount ON orders (customer, discount_code);
DROP INDEX orders_by_customer;

-- migrate:down
DROP INDEX orders_by_customer_and_discount;
ALTER TABLE orders DROP COLUMN discount_code;
DROP TABLE discounts;
