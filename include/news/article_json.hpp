#pragma once

#include <nlohmann/json.hpp>

#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "news/commands.hpp"

namespace news {

/// The members of an article that a client or a file may set; all others are ignored.
/// Refused with `malformed_news` when a member has the wrong JSON type;
/// with `invalid_news` when a required one is missing, published_at is no time, or status none a
/// client may choose: all problems at once. Lengths are not looked at: that is check().
base::Result<NewArticle> new_article_from_json(const nlohmann::json& body);

/// The same for a line of an import, which is read with more indulgence: a `description` of null is
/// none, a `published_at` of null is a draft unless `status` says something else, and a source_id
/// may be a whole number. Refused with `missing_source_id` too.
base::Result<NewArticle> imported_article_from_json(const nlohmann::json& line);

/// The same for a change: what is missing keeps its value.
base::Result<Revision> revision_from_json(const nlohmann::json& body);

/// A member that holds what is said with an editorial step; empty if it is absent.
base::Result<std::string> note_from_json(const nlohmann::json& body, const char* member);

/// An optional member that holds a time; `null` is as good as absent.
base::Result<std::optional<base::Time>> time_from_json(const nlohmann::json& body,
                                                       const char* member);

/// The news item of the public API, as a value of `json`.
void write_json(base::JsonWriter& json, const Article& article);

}  // namespace news
