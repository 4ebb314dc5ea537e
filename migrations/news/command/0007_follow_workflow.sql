-- What the rules must remember of the workflow. No event of the time before says any of it, so the states that are
-- there stay right.
alter table article_states add column embargo_until integer;
alter table article_states add column expires_at integer;
alter table article_states add column corrections text not null default '';
alter table article_states add column notice text not null default '';
