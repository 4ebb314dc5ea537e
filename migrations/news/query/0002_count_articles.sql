-- How many articles are in each state, kept by the transaction that changes one: nobody has to count
-- them when they ask. Per slot, like the tables; a slot without rows was never counted.
create table article_counts (
    slot     text    not null check (slot in ('a', 'b')),
    state    text    not null check (state in ('draft', 'scheduled', 'published', 'removed')),
    articles integer not null check (articles >= 0),
    primary key (slot, state)
) strict, without rowid;
