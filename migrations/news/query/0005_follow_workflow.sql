-- What only few articles have of the workflow, beside the articles: embargo, expiry, corrections, and the notice
-- of a killed one. Per slot, like their tables, and for both, since either may be the active one. An article that
-- has none of it has no row. An embargoed article that is published bears the status `embargoed` in its own table,
-- so that no list and no index has it.
create table if not exists article_workflow_a (
    item          integer primary key,
    embargo_until integer,             -- microseconds since 1970
    expires_at    integer,
    due_at        integer,             -- when the scheduler has something to do next
    corrections   text    not null,    -- a JSON array, newest first; empty: none
    notice        text    not null     -- empty: none
) strict;

create index if not exists article_workflow_a_due on article_workflow_a (due_at) where due_at is not null;

create table if not exists article_workflow_b (
    item          integer primary key,
    embargo_until integer,             -- microseconds since 1970
    expires_at    integer,
    due_at        integer,             -- when the scheduler has something to do next
    corrections   text    not null,    -- a JSON array, newest first; empty: none
    notice        text    not null     -- empty: none
) strict;

create index if not exists article_workflow_b_due on article_workflow_b (due_at) where due_at is not null;
