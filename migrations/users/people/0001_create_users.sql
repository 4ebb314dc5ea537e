-- People as the site knows them, and the durable queue through which every change of them goes.
-- E-mail addresses and passwords are not here: identity owns them.
create table users (
    id         integer primary key,
    name       text    not null,
    created_at integer not null,      -- microseconds since 1970
    updated_at integer not null,
    version    integer not null       -- how many changes: also the stream's version in the log
) strict;

create index users_by_registration on users (created_at, id);

-- Acknowledged, not in the table yet. Each row is the whole state after its change, so that the
-- newest row of a user is that user.
create table queue (
    sequence       integer primary key autoincrement,
    user_id        integer not null,
    kind           text    not null check (kind in ('registered', 'changed', 'removed')),
    name           text    not null,
    created_at     integer not null,
    updated_at     integer not null,
    version        integer not null,
    actor          integer,
    correlation_id text    not null,
    queued_at      integer not null,
    attempts       integer not null default 0,
    parked         integer not null default 0 check (parked in (0, 1)),  -- tried too often; kept
    error          text    not null default ''
) strict;

create index queue_by_user on queue (user_id, sequence);
create index queue_parked on queue (user_id) where parked = 1;
