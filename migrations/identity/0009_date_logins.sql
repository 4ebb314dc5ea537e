-- When a refresh token was given out: the first of a login says since when it is, the last when it was
-- used last. Unknown of those from before.
alter table refresh_tokens add column issued_at integer;  -- microseconds since 1970
