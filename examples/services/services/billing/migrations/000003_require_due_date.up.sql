-- Every invoice says until when it is to be paid.
SET lock_timeout = '5s';

ALTER TABLE invoices ADD COLUMN due_on date NOT NULL;
