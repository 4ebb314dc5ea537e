-- What the last import that ended has said of each model, a row for each rule of its mapping: another one of that
-- model takes their place once it has ended too.
create table imports (
    model       text    not null,
    place       integer not null,      -- of the rule in its mapping
    rule        text    not null,      -- users, news, redirects
    finished_at integer not null,      -- microseconds since 1970
    source      text    not null,      -- json, jsonl, xml, sqlite
    cut_off     integer not null check (cut_off in (0, 1)),
    unreadable  integer not null,      -- rows of the model that were none
    vanished    integer not null,      -- of the model: came before, and were not in the source
    row_count   integer not null,      -- = those that follow
    added       integer not null,
    updated     integer not null,
    unchanged   integer not null,
    conflicts   integer not null,
    left_out    integer not null,
    rejected    integer not null,
    checksum    text    not null,
    primary key (model, place)
) strict, without rowid;

-- How far the outbox was taken when the last import that ended was begun, and what was refused since: of each import, as
-- it was when it began, until it ends.
alter table pushes add column imported_sequence integer not null default 0;
alter table pushes add column refused_since integer not null default 0;
alter table pushes add column begun_sequence integer not null default 0;
alter table pushes add column begun_refused integer not null default 0;
