-- Tokens of REST framework that people have brought along: each stands for its account, without an
-- end of its own. Of an account the last import that tells of any says which.
create table imported_tokens (
    token_hash blob    primary key,  -- SHA-256; the token itself is nowhere
    user_id    integer not null references accounts (id) on delete cascade
) strict, without rowid;

create index imported_tokens_by_user on imported_tokens (user_id);
