SET lock_timeout = '5s';

CREATE TABLE accounts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email LIKE '%@%'),
    created_at timestamptz NOT NULL DEFAULT now()
);
