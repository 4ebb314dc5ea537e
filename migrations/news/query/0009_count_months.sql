-- How many published articles there are of each month (UTC), kept by the transaction that changes one: sitemaps are
-- made by them. Per slot, like the tables. The row without a month says that the slot is counted.
create table if not exists article_months (
    slot       text    not null check (slot in ('a', 'b')),
    month      text    not null,       -- as 2026-11
    articles   integer not null check (articles >= 0),
    changed_at integer,                -- microseconds since 1970: when something of the month changed last, if known
    primary key (slot, month)
) strict, without rowid;
