-- What is to be known of an archived article without a look into its archive: that it is there and may be
-- read, by which names, and who may bring it back.
create table if not exists archived_articles (
    id           integer primary key,
    version      integer not null,
    published_at integer not null,    -- microseconds since 1970
    created_by   integer,
    slug         text    not null,
    first_slug   text,                -- of one from before slugs: it is in no event
    legacy_id    text    not null     -- empty: none
) strict;

create index if not exists archived_articles_legacy on archived_articles (legacy_id, id) where legacy_id <> '';

-- Articles that are being archived, or brought back: the view may not show them as it should, and the start
-- that follows looks.
create table if not exists view_debts (
    article integer primary key
) strict;
