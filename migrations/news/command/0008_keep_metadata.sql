-- What articles say besides their text: a JSON object, empty where there is none. Of the states that are
-- there none has it, since no event before this did.
alter table article_states add column metadata text not null default '';
