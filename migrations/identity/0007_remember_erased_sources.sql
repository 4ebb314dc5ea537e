-- Who came from elsewhere and was erased here: the next import must not bring them back. Nothing but
-- the row of the source is kept of them.
create table erased_sources (
    source text primary key  -- auth.user:17
) strict, without rowid;
