#include "shape.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_writer.hpp"
#include "base/text.hpp"

namespace legacy {

namespace {

constexpr std::array<std::pair<std::string_view, Member>, 17> members = {
    {{"id", Member::id},
     {"version", Member::version},
     {"title", Member::title},
     {"description", Member::description},
     {"content", Member::content},
     {"author", Member::author},
     {"tags", Member::tags},
     {"news_type", Member::news_type},
     {"status", Member::status},
     {"created_at", Member::created_at},
     {"updated_at", Member::updated_at},
     {"published_at", Member::published_at},
     {"slug", Member::slug},
     {"content_format", Member::content_format},
     {"legacy_id", Member::legacy_id},
     {"language", Member::language},
     {"canonical_url", Member::canonical_url}}};

constexpr std::string_view extra_prefix = "extra.";

/// What stands behind the colon of `model:pk`.
std::string_view key_of(const news::Article& article) {
    std::string_view legacy_id = article.legacy_id;
    auto colon = legacy_id.find(':');
    return colon == legacy_id.npos ? legacy_id : legacy_id.substr(colon + 1);
}

/// Whether it is a whole number as JSON writes it.
bool is_whole(std::string_view text) {
    constexpr std::size_t digits_max = 18;
    if (text.empty() || text.size() > digits_max) return false;
    if (text[0] == '0' && text.size() > 1) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void write_key(std::string& out, const news::Article& article) {
    auto key = key_of(article);
    if (key.empty()) {
        out += "null";
    } else if (is_whole(key)) {
        out += key;
    } else {
        base::JsonWriter(out).value(key);
    }
}

void append_text(std::string& out, std::string_view text) {
    base::JsonWriter(out).value(text);
}

std::optional<base::Time> time_of(const news::Article& article, Member member) {
    if (member == Member::created_at) return article.created_at;
    if (member == Member::updated_at) return article.updated_at;
    return article.published_at;
}

std::string_view text_of(const news::Article& article, Member member) {
    switch (member) {
        case Member::title:
            return article.title;
        case Member::description:
            return article.description;
        case Member::content:
            return article.content;
        case Member::author:
            return article.author;
        case Member::news_type:
            return article.news_type;
        case Member::status:
            return name_of(article.status);
        case Member::slug:
            return article.slug;
        case Member::content_format:
            return name_of(article.content_format);
        case Member::legacy_id:
            return key_of(article);
        case Member::language:
            return article.metadata.language;
        case Member::canonical_url:
            return article.metadata.canonical_url;
        default:
            return {};
    }
}

/// An article while it is written.
struct ShownArticle {
    const news::Article& article;
    std::string_view site;
    ObjectParts extra;
};

std::string plain_text(const news::Article& article, Member member) {
    if (member == Member::id) return std::to_string(article.id);
    if (member == Member::version) return std::to_string(article.version);
    return std::string(text_of(article, member));
}

void write_member(std::string& out, ShownArticle& item, const ShapePiece& piece) {
    const auto& article = item.article;
    auto member = piece.member;
    if (member == Member::legacy_id) {
        write_key(out, article);
    } else if (member == Member::extra) {
        item.extra.write(out, piece.path);
    } else if (is_number(member)) {
        out += plain_text(article, member);
    } else if (member == Member::tags) {
        base::JsonWriter(out).value(article.tags);
    } else {
        append_text(out, text_of(article, member));
    }
}

void write_pieces(std::string& out, const std::vector<ShapePiece>& pieces, ShownArticle& item,
                  std::string_view tag);

void write_tags(std::string& out, const ShapePiece& piece, ShownArticle& item) {
    out += '[';
    const auto& tags = item.article.tags;
    for (std::size_t i = 0; i < tags.size(); ++i) {
        if (i > 0) out += ',';
        write_pieces(out, piece.each, item, tags[i]);
    }
    out += ']';
}

void write_link(std::string& out, const ShapePiece& piece, const ShownArticle& item) {
    std::string url(item.site);
    for (const auto& part : piece.link) {
        url += part.before;
        if (part.member) base::append_percent_encoded(url, plain_text(item.article, *part.member));
    }
    append_text(out, url);
}

void write_pieces(std::string& out, const std::vector<ShapePiece>& pieces, ShownArticle& item,
                  std::string_view tag) {
    using Value = ShapePiece::Value;
    const auto& article = item.article;
    for (const auto& piece : pieces) {
        out += piece.before;
        switch (piece.value) {
            case Value::none:
                break;
            case Value::member:
                write_member(out, item, piece);
                break;
            case Value::as_text:
                append_text(out, plain_text(article, piece.member));
                break;
            case Value::time:
                if (auto time = time_of(article, piece.member)) {
                    write_time(out, *time, piece.time);
                } else {
                    out += "null";
                }
                break;
            case Value::mapped: {
                auto found = piece.map.find(article.news_type);
                out += found == piece.map.end() ? "null" : found->second;
                break;
            }
            case Value::tags:
                write_tags(out, piece, item);
                break;
            case Value::tag:
                append_text(out, tag);
                break;
            case Value::link:
                write_link(out, piece, item);
                break;
        }
    }
}

}  // namespace

std::optional<std::vector<std::string>> extra_path(std::string_view name) {
    std::vector<std::string> path;
    auto rest = name.substr(std::min(name.size(), extra_prefix.size()));
    for (;;) {
        auto dot = rest.find('.');
        if (rest.substr(0, dot).empty()) return std::nullopt;
        path.emplace_back(rest.substr(0, dot));
        if (dot == rest.npos) return path;
        rest.remove_prefix(dot + 1);
    }
}

std::optional<Member> parse_member(std::string_view name) {
    if (name.starts_with(extra_prefix) && extra_path(name)) return Member::extra;
    for (const auto& [known, member] : members) {
        if (known == name) return member;
    }
    return std::nullopt;
}

bool is_time(Member member) {
    return member == Member::created_at || member == Member::updated_at ||
           member == Member::published_at;
}

bool is_number(Member member) {
    return member == Member::id || member == Member::version || member == Member::legacy_id;
}

std::string member_names() {
    std::string names;
    for (const auto& [name, member] : members) {
        if (!names.empty()) names += ", ";
        names += name;
    }
    return names + ", and parts of extra, as extra.subtitle";
}

void Shape::write(std::string& out, const news::Article& article, std::string_view site) const {
    ShownArticle item{article, site, ObjectParts(article.extra)};
    write_pieces(out, pieces, item, {});
}

void escape_line_separators(std::string& json) {
    constexpr std::string_view start = "\xE2\x80";
    auto at = json.find(start);
    if (at == std::string::npos) return;
    std::string escaped;
    std::size_t from = 0;
    for (; at != std::string::npos; at = json.find(start, at + start.size())) {
        char last = at + 2 < json.size() ? json[at + 2] : '\0';
        if (last != '\xA8' && last != '\xA9') continue;
        escaped.append(json, from, at - from);
        escaped += last == '\xA8' ? "\\u2028" : "\\u2029";
        from = at + 3;
    }
    escaped.append(json, from);
    json = std::move(escaped);
}

}  // namespace legacy
