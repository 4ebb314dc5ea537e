-- How many bytes an article's history has, beside the rest of its state, so that a bound on it costs
-- no look at the history. The states are made anew from the log by the start that follows.
alter table article_states add column history_bytes integer not null default 0;
delete from article_states;
delete from states_filled;
