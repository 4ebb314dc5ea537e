-- Slugs and what else imports bring. Which slugs the articles have and had, so that a new one does not take
-- another's: one that only the events from before slugs lead to is not here, it has its article's id in it.
create table if not exists article_slugs (
    slug   text    not null,
    stream integer not null,
    primary key (slug, stream)        -- imported slugs may repeat
) strict, without rowid;

-- What is to be known of an item besides, where the log alone does not say it: at which version its article
-- was when it was last imported, and whether it is one of another type now.
create table if not exists source_states (
    source_id text    primary key,
    version   integer not null,
    moved     integer not null
) strict, without rowid;

-- The states have these members too, and are made anew from the log by the start that follows.
alter table article_states add column slug text not null default '';
alter table article_states add column extra text not null default '';
alter table article_states add column legacy_id text not null default '';
alter table article_states add column content_format text not null default 'text';
delete from article_states;
delete from states_filled;
