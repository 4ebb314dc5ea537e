-- Changes of an account that go with a change elsewhere, between their two halves: they have no
-- effect yet, but a new address is held. Whoever prepared them finishes or abandons them.
create table prepared_changes (
    token         integer primary key autoincrement,  -- never used again
    user_id       integer not null references accounts (id) on delete cascade,
    kind          text    not null check (kind in ('change', 'erasure')),
    email         text,                    -- the new one, if it changes
    email_key     text,
    password      text,                    -- the hash of the new one, if it changes
    open_password integer not null default 0 check (open_password in (0, 1)),
    prepared_at   integer not null         -- microseconds since 1970
) strict;

create index prepared_changes_by_user on prepared_changes (user_id);
create index prepared_changes_by_key on prepared_changes (email_key) where email_key is not null;
