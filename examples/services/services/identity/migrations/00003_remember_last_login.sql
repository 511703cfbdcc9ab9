-- +goose Up
ALTER TABLE users ADD COLUMN last_login_at DATETIME NULL;
CREATE INDEX users_by_last_login ON users (last_login_at);

-- +goose Down
DROP INDEX users_by_last_login ON users;
ALTER TABLE users DROP COLUMN last_login_at;
