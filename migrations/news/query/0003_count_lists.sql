-- How many published articles a long list has, of a tag or of an author: kept by the transaction that
-- changes one, from the first time that somebody asks. Short lists are counted. Per slot, like the tables.
create table list_counts (
    slot     text    not null check (slot in ('a', 'b')),
    list     text    not null check (list in ('tag', 'author')),
    word     text    not null,
    articles integer not null check (articles >= 0),
    primary key (slot, list, word)
) strict, without rowid;
