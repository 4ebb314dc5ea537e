-- Lists beside those of published articles: of all states for the newsroom, by the newest change, and of published
-- ones by language. Their tables are per slot, and which one is active nobody knows here: what there may be only in
-- one of the two is made in the other, too, where the next rebuild drops it.
create table if not exists articles_a (
    id           integer primary key,
    version      integer not null,
    status       text    not null,
    published_at integer,
    created_at   integer not null,
    updated_at   integer not null,
    created_by   integer,
    title        text    not null,
    description  text    not null,
    content      text    not null,
    author       text    not null,
    tags         text    not null
) strict;

create table if not exists articles_b (
    id           integer primary key,
    version      integer not null,
    status       text    not null,
    published_at integer,
    created_at   integer not null,
    updated_at   integer not null,
    created_by   integer,
    title        text    not null,
    description  text    not null,
    content      text    not null,
    author       text    not null,
    tags         text    not null
) strict;

create table if not exists article_metadata_a (
    news     integer primary key,
    language text    not null,
    metadata text    not null
) strict;

create table if not exists article_metadata_b (
    news     integer primary key,
    language text    not null,
    metadata text    not null
) strict;

-- Where an article is on its way: a draft or an approved one that has a time is scheduled, and one under embargo was
-- published.
alter table articles_a add column stage text generated always as (
    case when status = 'embargoed' then 'published'
         when status in ('draft', 'approved') and published_at is not null then 'scheduled'
         else status end) virtual;

alter table articles_b add column stage text generated always as (
    case when status = 'embargoed' then 'published'
         when status in ('draft', 'approved') and published_at is not null then 'scheduled'
         else status end) virtual;

create index articles_a_changed on articles_a (stage, updated_at desc, id desc);
create index articles_a_owned on articles_a (created_by, stage, updated_at desc, id desc);
create index articles_a_signed on articles_a (author, stage, updated_at desc, id desc);
create index articles_b_changed on articles_b (stage, updated_at desc, id desc);
create index articles_b_owned on articles_b (created_by, stage, updated_at desc, id desc);
create index articles_b_signed on articles_b (author, stage, updated_at desc, id desc);

-- An article that is not in the lists of published ones stands in one of its stage for each of its tags, by its newest
-- change; one that is, and says its language, stands under `language`, by its publication.
create table article_lists_a (
    list text    not null,             -- the name of a stage, or `language`
    word text    not null,             -- the tag, or the language
    at   integer not null,             -- microseconds since 1970
    id   integer not null,
    primary key (list, word, at desc, id desc)
) strict, without rowid;

create table article_lists_b (
    list text    not null,             -- the name of a stage, or `language`
    word text    not null,             -- the tag, or the language
    at   integer not null,             -- microseconds since 1970
    id   integer not null,
    primary key (list, word, at desc, id desc)
) strict, without rowid;

insert into article_lists_a (list, word, at, id)
select a.stage, tag.value, a.updated_at, a.id from articles_a a, json_each(a.tags) tag
where a.status <> 'published'
union
select 'language', m.language, a.published_at, a.id
from article_metadata_a m join articles_a a on a.id = m.news
where m.language <> '' and a.status = 'published' and a.published_at is not null;

insert into article_lists_b (list, word, at, id)
select a.stage, tag.value, a.updated_at, a.id from articles_b a, json_each(a.tags) tag
where a.status <> 'published'
union
select 'language', m.language, a.published_at, a.id
from article_metadata_b m join articles_b a on a.id = m.news
where m.language <> '' and a.status = 'published' and a.published_at is not null;

-- The number of a list by language is kept like those of the others.
create table kept_counts (
    slot     text    not null check (slot in ('a', 'b')),
    list     text    not null check (list in ('tag', 'author', 'language')),
    word     text    not null,
    articles integer not null check (articles >= 0),
    primary key (slot, list, word)
) strict, without rowid;
insert into kept_counts (slot, list, word, articles) select slot, list, word, articles from list_counts;
drop table list_counts;
alter table kept_counts rename to list_counts;
