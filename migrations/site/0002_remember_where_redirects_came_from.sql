-- Redirects that came from another site say from which of its rows, so that they can go with it.
alter table redirects add column source text;   -- wagtailredirects.redirect:7; null: made here
