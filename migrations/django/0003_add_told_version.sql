-- At which version of its article a row was told of last: the Django site knows it so, and what it
-- changes then is a change of that.
alter table feed_rows add column version integer not null default 0;
