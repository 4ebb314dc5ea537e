-- What the rules must remember of an article at some of its versions, so that no command and no
-- answer has to fold its whole history: the newest version of each that has more than one, and every
-- twentieth. Made from the log alone: both tables may be emptied at any time, and the next start
-- fills them again (`states_filled` without a row: not done yet).
create table article_states (
    stream          integer not null,
    version         integer not null,
    status          text    not null,
    published_at    integer,             -- microseconds since 1970
    created_at      integer not null,
    updated_at      integer not null,
    created_by      integer,
    title           text    not null,
    description     text    not null,
    author          text    not null,
    tags            text    not null,    -- a JSON array
    content_version integer not null,    -- the version whose event has the content
    primary key (stream, version)
) strict, without rowid;

create table states_filled (
    filled integer not null
) strict;

-- What the source said of an imported item: something else the next time is a changed item. Empty
-- for items of the time before this column: then their first version is looked at.
alter table sources add column item_hash text not null default '';
