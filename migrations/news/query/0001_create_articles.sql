-- The view that queries read. Its tables exist once per slot, so that a rebuild can fill the other
-- slot while this one serves; `active_slot` names the one that counts. The rebuild makes its tables
-- from the definitions below, with the other letter.
create table active_slot (
    slot text not null check (slot in ('a', 'b'))
) strict;
insert into active_slot (slot) values ('a');

create table articles_a (
    id           integer primary key,
    version      integer not null,
    status       text    not null,
    published_at integer,             -- microseconds since 1970; of a draft: when it is scheduled
    created_at   integer not null,
    updated_at   integer not null,
    created_by   integer,
    title        text    not null,
    description  text    not null,
    content      text    not null,
    author       text    not null,
    tags         text    not null     -- a JSON array
) strict;

create index articles_a_published on articles_a (published_at desc, id desc) where status = 'published';
create index articles_a_scheduled on articles_a (published_at) where status = 'draft' and published_at is not null;

-- Published articles only.
create table article_tags_a (
    tag          text    not null,
    published_at integer not null,
    id           integer not null,
    primary key (tag, published_at desc, id desc)
) strict, without rowid;
