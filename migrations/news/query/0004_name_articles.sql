-- Slugs and what else imports bring, beside the articles: per slot, like their tables, and for both, since
-- either may be the active one. A rebuild makes those of the other slot from the definitions of the active
-- one. An article of the time before has no row until the start fills it in.

-- A row: the start has filled them in.
create table names_filled (
    filled integer not null
) strict;

create table article_names_a (
    article        integer primary key,
    slug           text    not null,
    extra          text    not null,  -- a JSON object; empty: none
    legacy_id      text    not null,  -- empty: none
    content_format text    not null,
    moved_to       text               -- of a removed one: type/id
) strict;

create index article_names_a_slug on article_names_a (slug, article);
create index article_names_a_legacy on article_names_a (legacy_id, article) where legacy_id <> '';

-- Slugs that an article had and has no more.
create table article_slugs_a (
    slug text    not null,
    id   integer not null,
    primary key (slug, id)
) strict, without rowid;

create table article_names_b (
    article        integer primary key,
    slug           text    not null,
    extra          text    not null,  -- a JSON object; empty: none
    legacy_id      text    not null,  -- empty: none
    content_format text    not null,
    moved_to       text               -- of a removed one: type/id
) strict;

create index article_names_b_slug on article_names_b (slug, article);
create index article_names_b_legacy on article_names_b (legacy_id, article) where legacy_id <> '';

-- Slugs that an article had and has no more.
create table article_slugs_b (
    slug text    not null,
    id   integer not null,
    primary key (slug, id)
) strict, without rowid;
