-- migrate:up
CREATE INDEX products_by_name ON products (name);

-- migrate:down
DROP INDEX products_by_name;
