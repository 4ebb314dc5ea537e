-- Pictures and other files that articles show, and which articles do. Items are a view of the log
-- beside them, written in the transaction of their event; uses follow from the logs of the news.

create table items (
    id         integer primary key,
    position   integer not null unique,     -- of the event that brought it
    version    integer not null,
    sha256     text    not null,            -- of the bytes, in hexadecimal: also where they are kept
    kind       text    not null,            -- jpg, png, …: what they are by their content
    bytes      integer not null,
    width      integer not null,            -- of a picture as it is shown; 0: it is none
    height     integer not null,
    alt        text    not null,
    credit     text    not null,
    focus_x    real    not null,            -- 0 to 1 from the left
    focus_y    real    not null,            -- and from the top
    owner      integer,                     -- who brought it
    created_at integer not null             -- microseconds since 1970
) strict;

create index items_by_bytes on items (sha256);

-- How many there are; in the transaction that changes it. One row.
create table totals (
    id    integer primary key check (id = 1),
    items integer not null check (items >= 0)
) strict;
insert into totals (id, items) values (1, 0);

-- Which item is shown by which article, also by drafts.
create table uses (
    item      integer not null,
    news_type text    not null,
    article   integer not null,
    primary key (item, news_type, article)
) strict, without rowid;

create index uses_by_article on uses (news_type, article);

-- Articles that readers see.
create table published (
    news_type text    not null,
    article   integer not null,
    primary key (news_type, article)
) strict, without rowid;
