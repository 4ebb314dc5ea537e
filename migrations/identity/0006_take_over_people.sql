-- People who came from elsewhere: known by a login name, perhaps without an address, and for a time
-- still with the hash of their password that they had there.
-- An account without an address has an empty one, and as email_key `NONE` and its id: no address has
-- such a key, since keys are in small letters.
alter table accounts add column login     text;   -- as given; null: it has none
alter table accounts add column login_key text;   -- in form NFKC, by which it is unique
alter table accounts add column source    text;   -- where it came from: auth.user:17
-- What was taken over from there the last time. A member that is something else now was changed here.
alter table accounts add column imported_email  text;
alter table accounts add column imported_login  text;
alter table accounts add column imported_role   text;
alter table accounts add column imported_active integer check (imported_active in (0, 1));
-- What the source has as its password. Stays when `password` has become ours, since sessions there
-- depend on it; until the password is changed here, or the source is left for good.
alter table accounts add column django_password text;

create unique index accounts_by_login  on accounts (login_key) where login_key is not null;
create unique index accounts_by_source on accounts (source) where source is not null;
-- Those whose password is still hashed as there.
create index accounts_by_django_hash on accounts (id)
    where substr(password, 1, 7) <> '$argon2' and substr(password, 1, 1) <> '!';
create index accounts_with_django_password on accounts (id) where django_password is not null;
