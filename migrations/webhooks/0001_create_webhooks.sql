-- Webhooks, what readers were told of the news, and what of that each webhook was sent.

-- A view of the log beside it, but for the secrets' times, which its events date. Texts of several
-- words have spaces between them; empty: all.
create table webhooks (
    id             integer primary key,
    version        integer not null,
    url            text    not null,
    events         text    not null,
    types          text    not null,
    description    text    not null,
    enabled        integer not null check (enabled in (0, 1)),
    gone           integer not null check (gone in (0, 1)),
    secret         integer not null,            -- its number
    previous_until integer not null,            -- until then the one before signs, too
    created_at     integer not null,            -- microseconds since 1970, as all times here
    updated_at     integer not null
) strict;

-- What all secrets are made from, in hexadecimal. One row, made with the first webhook.
create table master_key (
    id  integer primary key check (id = 1),
    key text not null
) strict;

-- Each change of what readers see, by the position of its event in the log of its type.
create table announcements (
    news_type text    not null,
    position  integer not null,
    article   integer not null,
    change    text    not null,
    at        integer not null,
    mark      integer not null,                 -- of the event's hash
    primary key (news_type, position)
) strict, without rowid;

create index announcements_by_time on announcements (news_type, at, position);

-- Whether readers see an article, as of the newest event of it that was heard.
create table articles (
    news_type text    not null,
    article   integer not null,
    is_public integer not null check (is_public in (0, 1)),
    primary key (news_type, article)
) strict, without rowid;

-- Up to where the announcements of each type are among the deliveries of each webhook.
create table webhook_cursors (
    webhook   integer not null,
    news_type text    not null,
    position  integer not null,
    primary key (webhook, news_type)
) strict, without rowid;

-- What each webhook is sent, pending and past.
create table deliveries (
    number      integer primary key autoincrement,
    webhook     integer not null,
    news_type   text    not null,
    position    integer not null,
    article     integer not null,
    change      text    not null,
    at          integer not null,
    mark        integer not null,
    state       integer not null check (state in (0, 1, 2)),   -- pending, delivered, dead
    attempts    integer not null,
    next_at     integer not null,
    last_at     integer,
    last_status integer,
    last_error  text    not null,
    unique (webhook, news_type, position)
) strict;

create index deliveries_pending on deliveries (webhook, next_at) where state = 0;
create index deliveries_in_order on deliveries (webhook, news_type, article, position)
    where state = 0;
create index deliveries_by_end on deliveries (last_at) where state <> 0;
create index deliveries_by_webhook on deliveries (webhook, number);
