-- What a bridge in the Django site is told of: the articles that were changed here, each at its
-- newest change, in one order over all news types.
create table feed (
    news_type  text    not null,
    article    integer not null,
    position   integer not null,     -- grows with each change, and is never given twice
    version    integer not null,     -- of the article, at that change
    removed    integer not null,     -- 1: that change removed it
    changed_at integer not null,     -- microseconds since 1970
    primary key (news_type, article)
) strict, without rowid;
create unique index feed_positions on feed (position);

-- The rows of articles that were made here.
create table feed_rows (
    news_type text    not null,
    article   integer not null,
    model     text    not null,
    key       text    not null,      -- its pk
    primary key (news_type, article)
) strict, without rowid;
create unique index feed_row_keys on feed_rows (model, key);
