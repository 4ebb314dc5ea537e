-- Calls with an Idempotency-Key: what the user was like after each, for 24 hours. Goes with the user.
create table answered_calls (
    caller      text    not null,
    route       text    not null,
    key         text    not null,
    body_hash   text    not null,     -- of the body without its password
    user_id     integer not null,
    name        text    not null,
    created_at  integer not null,
    updated_at  integer not null,
    version     integer not null,
    recorded_at integer not null,     -- microseconds since 1970
    primary key (caller, route, key)
) strict, without rowid;

create index answered_calls_by_user on answered_calls (user_id);
create index answered_calls_by_time on answered_calls (recorded_at);
