-- Keys with which programs ask: what a key may do is said by its role, and it is no user.
create table api_keys (
    id          integer primary key,       -- 53 random bits, never a user's
    secret_hash blob    not null unique,   -- SHA-256; the secret itself is nowhere
    name        text    not null,
    role        text    not null check (role in ('reader', 'author', 'editor', 'admin')),
    created_at  integer not null,          -- microseconds since 1970
    created_by  integer,                   -- the user or key who made it; null in open mode
    expires_at  integer                    -- microseconds since 1970; null: never
) strict;

create index api_keys_by_expiry on api_keys (expires_at) where expires_at is not null;
