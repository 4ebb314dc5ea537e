-- What articles say besides their text (authors, images, languages, ...), of those that do: per slot, like the
-- other tables, and for both, since either may be the active one. No article of the time before has it.
create table article_metadata_a (
    news     integer primary key,
    language text    not null,         -- its tag; empty: none
    metadata text    not null          -- a JSON object
) strict;

create table article_metadata_b (
    news     integer primary key,
    language text    not null,         -- its tag; empty: none
    metadata text    not null          -- a JSON object
) strict;
