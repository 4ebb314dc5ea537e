-- What comparisons of the monolith's answers with ours have shown, by route. It is written about once
-- a second from what is counted in memory; times are microseconds since 1970.

create table routes (
    route      text    primary key,
    generation integer not null,            -- how often counting was begun anew
    since      integer not null,            -- when that was
    rules      text    not null,            -- by which answers were compared
    compared   integer not null,
    skipped    integer not null,
    failed     integer not null,
    dropped    integer not null,
    repeats    integer not null             -- how often the monolith was asked twice
) strict, without rowid;

-- The ways in which answers of a route differ. Number 0 stands for all beyond the limit.
create table kinds (
    route    text    not null,
    number   integer not null,
    pointer  text    not null,
    what     text    not null,
    count    integer not null,
    first_at integer not null,
    last_at  integer not null,
    primary key (route, number)
) strict, without rowid;

-- What both sides said; of a kind so many, a slot is used again.
create table samples (
    route  text    not null,
    kind   integer not null,
    slot   integer not null,
    target text    not null,
    legacy text    not null,
    native text    not null,
    at     integer not null,
    primary key (route, kind, slot)
) strict, without rowid;

-- How many comparisons differed in just these kinds: their numbers, with spaces between them.
create table kind_sets (
    route text    not null,
    kinds text    not null,
    count integer not null,
    primary key (route, kinds)
) strict, without rowid;

-- Pointers at which the monolith differed from itself, and how often.
create table noise (
    route   text    not null,
    pointer text    not null,
    count   integer not null,
    primary key (route, pointer)
) strict, without rowid;
