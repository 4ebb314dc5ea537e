#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drf_time.hpp"
#include "news/article.hpp"

namespace legacy {

/// What an article has to say.
enum class Member {
    id,
    version,
    title,
    description,
    content,
    author,
    tags,
    news_type,
    status,
    created_at,
    updated_at,
    published_at,
    slug,
    content_format,
    legacy_id,  ///< the key alone, as its monolith has it: a number if it is one
    language,
    canonical_url,
    extra  ///< a part of it: see ShapePiece::path
};

/// By the name that it has in the public API; a part of `extra` by `extra.name`, or deeper.
std::optional<Member> parse_member(std::string_view name);
/// The names behind `extra`; nothing if one of them is empty.
std::optional<std::vector<std::string>> extra_path(std::string_view name);
bool is_time(Member member);
/// What may be asked for as a text instead.
bool is_number(Member member);
/// All of them, for a sentence.
std::string member_names();

/// A part of a shape: a text that is always the same, and then one value.
struct ShapePiece {
    enum class Value {
        none,
        member,   ///< as it is: text, number, list
        as_text,  ///< a number as a text
        time,     ///< as `time` says; null if there is none
        mapped,   ///< what `map` has for the news type; null for others
        tags,     ///< `each` for every tag, in brackets
        tag,      ///< within `each`: the tag
        link      ///< an absolute URL: the site's, then `link`
    };
    /// A part of a URL: a text, and then a member's value, escaped.
    struct LinkPart {
        std::string before;
        std::optional<Member> member{};
    };

    std::string before;  ///< JSON
    Value value = Value::none;
    Member member = Member::id;
    std::vector<std::string> path{};  ///< of extra; what is not there is null
    TimeStyle time{};
    std::map<std::string, std::string, std::less<>> map{};  ///< news type → JSON
    std::vector<LinkPart> link{};
    std::vector<ShapePiece> each{};
};

/// An article as the monolith writes it: the pieces in order give one JSON value.
struct Shape {
    std::vector<ShapePiece> pieces;

    /// Appends the article as JSON. `site`: what links begin with, as `https://example.org`.
    void write(std::string& out, const news::Article& article, std::string_view site) const;
};

/// Parts of a JSON object, which is read once, when the first is asked for.
class ObjectParts {
public:
    /// `object`: JSON, which must outlive this; empty: none.
    explicit ObjectParts(const std::string& object);
    ~ObjectParts();

    /// Appends, as JSON, what stands under the names of `path`, one within the other; null where
    /// there is nothing.
    void write(std::string& out, const std::vector<std::string>& path);

private:
    struct Tree;
    const std::string& object_;
    std::unique_ptr<Tree> tree_;
};

/// U+2028 and U+2029 as escapes, as the renderer of Django REST framework has them, so that JSON is
/// JavaScript as well.
void escape_line_separators(std::string& json);

}  // namespace legacy
