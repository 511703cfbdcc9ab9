SET lock_timeout = '5s';

CREATE TYPE invoice_status AS ENUM ('draft', 'sent', 'paid');

CREATE TABLE invoices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES accounts (id),
    status invoice_status NOT NULL DEFAULT 'draft',
    cents bigint NOT NULL CHECK (cents > 0),
    issued_on date NOT NULL
);

CREATE INDEX invoices_by_account ON invoices (account_id, issued_on);
