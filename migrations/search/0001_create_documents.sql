-- What may be found: a view of the logs of all news types, in the transactions of their cursors.

-- One row per article that is not removed, with what each that is found is counted by.
create table documents (
    place        integer primary key,  -- by time: what is public is at 0 and above, drafts are below
    news_type    text    not null,
    article      integer not null,
    version      integer not null,
    owner        integer,              -- who may see it while it is a draft
    published_at integer,              -- microseconds since 1970
    language     text    not null,     -- empty: it has said none
    author       text    not null,
    tags         text    not null,     -- U+001F between them
    format       text    not null
) strict;

create unique index documents_by_article on documents (news_type, article);

-- What only those are shown with that are on a page: apart, so that a thousand are counted without it.
create table texts (
    place       integer primary key,
    title       text    not null,
    description text    not null,
    content     text    not null
) strict;

-- The words of the documents. Marks are what filters ask for, one word each.
create virtual table entries using fts5 (
    title, tags, description, author, body, marks, content = '', tokenize = 'portal_words'
);

-- In how many documents each word is: how rare it is, and what begins with what is being typed.
create table words (
    word      text    primary key,
    documents integer not null
) strict, without rowid;

-- How many documents there are, what words were made by, and whether something of what was removed
-- may be in the file still. One row.
create table state (
    id        integer primary key check (id = 1),
    documents integer not null check (documents >= 0),
    made_by   text    not null,
    removed   integer not null
) strict;
insert into state (id, documents, made_by, removed) values (1, 0, '', 0);
