-- Passwords that were set in open mode, where any will do: who has one cannot log in in enforced mode.
alter table accounts add column open_password integer not null default 0
    check (open_password in (0, 1));
