-- Addresses are told apart without regard to case and spelling beyond ASCII, and by the domain that
-- DNS has. SQL cannot make such keys: those that may differ are made anew at the next start.
alter table accounts add column key_form integer not null default 0;  -- 0: the older form of the key

update accounts set key_form = 1 where email not glob '*[^ -~]*' and lower(email) not like '%xn--%';
create index accounts_older_keys on accounts (id) where key_form = 0;
