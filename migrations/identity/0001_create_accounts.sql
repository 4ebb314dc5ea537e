-- Who somebody is: accounts, the refresh tokens of their logins, and which tokens count no more.
create table accounts (
    id         integer primary key,       -- 53 random bits
    email      text    not null,          -- as given
    email_key  text    not null unique,   -- in small letters: the same address is one account
    password   text    not null,          -- PHC text (Argon2id), or Django's until the next login
    role       text    not null check (role in ('reader', 'author', 'editor', 'admin')),
    status     text    not null check (status in ('pending', 'active', 'disabled')),
    epoch      integer not null,          -- grows whenever tokens issued before must not count
    created_at integer not null,          -- microseconds since 1970
    updated_at integer not null
) strict;

create index accounts_pending on accounts (id) where status = 'pending';
create index accounts_admins  on accounts (id) where role = 'admin' and status = 'active';

-- One row per refresh token that was given out and has not run out, also those used already: to
-- see one of these again is the sign that somebody has a copy.
create table refresh_tokens (
    token_hash blob    primary key,       -- SHA-256; the token itself is nowhere
    family     integer not null,          -- all tokens that go back to one login
    user_id    integer not null references accounts (id) on delete cascade,
    rotated    integer not null default 0 check (rotated in (0, 1)),
    expires_at integer not null           -- microseconds since 1970; the same for a whole family
) strict, without rowid;

create index refresh_tokens_by_family  on refresh_tokens (family);
create index refresh_tokens_by_user    on refresh_tokens (user_id);
create index refresh_tokens_by_expiry  on refresh_tokens (expires_at);

-- Which signed tokens count no more, though they have not run out. Written in the transaction of
-- the change that is the reason, kept until no token issued before it can be alive.
create table revocations (
    kind        text    not null check (kind in ('user', 'family')),
    id          integer not null,
    least_epoch integer not null,         -- of a user: tokens of a lower epoch are refused
    until       integer not null,         -- microseconds since 1970; then it may be forgotten
    primary key (kind, id)
) strict, without rowid;

create index revocations_by_end on revocations (until);
