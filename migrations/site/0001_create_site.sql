-- What belongs to the site as a whole. Redirects and lists are views of the log beside them, written
-- in the transaction of their event.

-- Where old addresses lead. `event_position`: of the event that said so last.
create table redirects (
    path           text    primary key,     -- in its one spelling
    target         text,                    -- a path or a URL; null: gone
    permanent      integer not null check (permanent in (0, 1)),
    event_position integer not null
) strict, without rowid;

-- Lists that are there, and names that had one: their streams go on. The entries are JSON, as in
-- their events; of a removed list there are none.
create table lists (
    name       text    primary key,
    stream     integer not null unique,
    version    integer not null,
    removed    integer not null check (removed in (0, 1)),
    updated_at integer not null,            -- microseconds since 1970
    entries    text    not null
) strict, without rowid;

-- What would have to be counted otherwise; all in the transaction that changes it. One row.
create table totals (
    id                integer primary key check (id = 1),
    redirects         integer not null check (redirects >= 0),
    redirects_version integer not null,     -- of the stream of all redirects
    lists             integer not null check (lists >= 0)   -- names, also of removed lists
) strict;
insert into totals (id, redirects, redirects_version, lists) values (1, 0, 0, 0);
