-- How many published articles stand between two places of the list of all, so that a page by its number is found
-- without a step over each article before it. A block reaches from its place up to the next one's; the first begins
-- before everything. Blocks of level 1 are made of whole ones of level 0. Kept by the transaction that changes an
-- article. Per slot, like the tables; a slot without rows has no blocks until the start makes them.
create table if not exists list_blocks (
    slot         text    not null check (slot in ('a', 'b')),
    level        integer not null check (level in (0, 1)),
    published_at integer not null,    -- microseconds since 1970
    id           integer not null,
    articles     integer not null check (articles >= 0),
    primary key (slot, level, published_at, id)
) strict, without rowid;
