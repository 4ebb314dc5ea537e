-- The graph of readers and labels: who reads about what, how much and how lately. Only ids and
-- labels, nothing that names a person. It cannot be rebuilt: views are kept nowhere else.

-- How a time becomes a score, so that ranks of all times compare: score(t) = base + (t - since) /
-- half_life. One row. A new half-life starts a new line where the old one has come to, so the ranks
-- that are stored stay right.
create table scale (
    id        integer primary key check (id = 1),
    since     integer not null,     -- microseconds since 1970
    base      real    not null,
    half_life integer not null      -- microseconds
) strict;

create table edges (
    user_id   integer not null,
    label     text    not null,
    rank      real    not null,     -- log2 of the sum of 2^score(t) over the views that count
    last_seen integer not null,     -- microseconds since 1970, of the latest view
    primary key (user_id, label)
) strict, without rowid;

create index edges_by_user on edges (user_id, rank desc);
create index edges_by_label on edges (label, rank desc);

-- The edges, counted per label and per reader, and the readers, all in the transaction that changes
-- them. A row goes when it has come to nothing.
create table labels (
    label   text    primary key,
    readers integer not null check (readers > 0)
) strict, without rowid;

create table readers (
    user_id integer primary key,
    labels  integer not null check (labels > 0)
) strict;

create table totals (
    id      integer primary key check (id = 1),
    readers integer not null check (readers >= 0)
) strict;
insert into totals (id, readers) values (1, 0);

-- Which views count already: the latest one that did, per reader and article. Forgotten when it is
-- too old to be repeated.
create table views (
    user_id   integer not null,
    news_type text    not null,
    news_id   integer not null,
    seen_at   integer not null,     -- microseconds since 1970
    primary key (user_id, news_type, news_id)
) strict, without rowid;

create index views_by_age on views (seen_at);

-- Readers who are gone: a view that comes late makes no edge any more. Ids are never given twice.
create table removed (
    user_id integer primary key
) strict;
