-- What editors have beside articles: work that is not saved yet, notes, and the ends of preview links.

-- The newest unsaved state that a user has of an article. Never in the log: nobody else sees it.
create table working_copies (
    id           integer primary key,
    news_type    text    not null,
    article      integer not null,
    user         integer not null,
    base_version integer not null,             -- the article's version that it was begun on
    saved_at     integer not null,             -- microseconds since 1970
    members      text    not null,             -- a JSON object
    unique (news_type, article, user)
) strict;

create index working_copies_by_user on working_copies (user, saved_at);

-- What is said about an article, by those who work on it, to each other.
create table notes (
    id        integer primary key autoincrement,
    news_type text    not null,
    article   integer not null,
    user      integer,
    at        integer not null,                -- microseconds since 1970
    text      text    not null
) strict;

create index notes_by_article on notes (news_type, article, id);
create index notes_by_user on notes (user);

-- What preview links are signed with, in hexadecimal. One row, made when it is needed.
create table preview_key (
    id  integer primary key check (id = 1),
    key text not null
) strict;

-- Links to an article that were made until then are good no more.
create table preview_ends (
    news_type text    not null,
    article   integer not null,
    at        integer not null,                -- microseconds since 1970
    primary key (news_type, article)
) strict, without rowid;

create index preview_ends_by_time on preview_ends (at);
