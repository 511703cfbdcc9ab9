-- migrate:up
ALTER TABLE orders ADD COLUMN note TEXT NOT NULL DEFAULT '';
