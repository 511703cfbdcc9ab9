-- migrate:up
this is not SQL;
-- migrate:down
DROP TABLE a;
