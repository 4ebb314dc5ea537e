-- What readers do, and what becomes of the articles that they do it with, in the order in which the
-- ranking learns it: the ranking is made of these rows alone. Who a reader is cannot be told from
-- them: they are keyed hashes.
create table visit_log (
    position  integer primary key autoincrement,
    kind      integer not null,     -- src/recommendation/visit_log.hpp
    at        integer not null,     -- microseconds since 1970; of a public article: published then
    reader    integer,              -- nothing: it is not known, or not wanted to be
    news_type text    not null,
    news_id   integer not null,
    -- Of articles alone, with U+001F between them: the main label first, and words of the title.
    labels    text,
    words     text
) strict;

create index visit_log_by_reader on visit_log (reader, position) where reader is not null;
create index visit_log_by_article on visit_log (news_type, news_id, position)
    where labels is not null;

-- What makes the hash of a reader. One row.
create table reader_key (
    id  integer primary key check (id = 1),
    key text    not null
) strict;

-- Readers of whom nothing is kept: who is removed for ever, who does not want it for as long.
create table left_out (
    reader integer primary key,
    why    integer not null         -- 1: removed, 2: does not want to be known
) strict;

-- The file in which the ranking is kept, by the name that stands in it; empty: there is none that
-- may be used. An erasure takes the name away, in its own transaction. One row.
create table snapshot (
    id       integer primary key check (id = 1),
    name     text    not null,
    erasures integer not null
) strict;
insert into snapshot (id, name, erasures) values (1, '', 0);

-- What readers said themselves.
create table label_choices (
    reader integer not null,
    label  text    not null,
    choice integer not null,        -- 1: followed, 2: muted
    primary key (reader, label)
) strict, without rowid;

create table hidden_articles (
    reader    integer not null,
    news_type text    not null,
    news_id   integer not null,
    at        integer not null,
    primary key (reader, news_type, news_id)
) strict, without rowid;

-- By what a client named it: what was taken once is not taken again. Forgotten after a day.
create table taken_visits (
    name blob    primary key,       -- a keyed hash of reader and name
    at   integer not null
) strict, without rowid;
create index taken_visits_by_age on taken_visits (at);
