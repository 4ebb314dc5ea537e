// What imports make of articles: their lengths are not looked at any more.
#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_set>

#include "article.hpp"
#include "base/text.hpp"

namespace news {

namespace {

using base::Problem;

/// Of all earlier versions of an item together.
constexpr std::size_t earlier_bytes_max = 64 * 1024 * 1024;
constexpr std::int64_t actor_max = (std::int64_t{1} << 53) - 1;

bool is_writable(const std::optional<base::Time>& time) {
    return !time || (*time >= base::time_min && *time <= base::time_max);
}

/// As those of an article are: trimmed, each once.
std::vector<std::string> tidy_tags_of(const EarlierVersion& version) {
    std::vector<std::string> tidy;
    std::unordered_set<std::string> seen;
    for (const auto& tag : version.tags) {
        std::string trimmed(base::trim(tag));
        if (!trimmed.empty() && seen.insert(trimmed).second) tidy.push_back(std::move(trimmed));
    }
    return tidy;
}

void check_version(std::vector<Problem>& problems, std::size_t number, EarlierVersion& version) {
    auto add = [&](std::string_view member, std::string problem) {
        problems.push_back({history_field(number, member), std::move(problem)});
    };
    using Text = std::pair<const char*, const std::string*>;
    for (const auto& [member, text] :
         {Text("title", &version.title), Text("description", &version.description),
          Text("content", &version.content), Text("author", &version.author)}) {
        if (!base::count_code_points(*text)) add(member, "is not valid UTF-8");
    }
    bool readable = std::all_of(version.tags.begin(), version.tags.end(), [](const auto& tag) {
        return base::count_code_points(tag).has_value();
    });
    if (!readable) add("tags", "is not valid UTF-8");
    if (readable) version.tags = tidy_tags_of(version);
    if (!is_writable(version.at)) add("at", "is not of the years 1 to 9999");
    if (!is_writable(version.publication.published_at)) {
        add("published_at", "is not of the years 1 to 9999");
    }
    if (version.actor && (*version.actor < 1 || *version.actor > actor_max)) {
        add("actor", "must be a whole number from 1 to 2^53 - 1");
    }
    std::vector<Problem> of_metadata;
    check_metadata(of_metadata, version.metadata);
    for (auto& problem : of_metadata) add(problem.field, std::move(problem.message));
    if (!fits_event(version)) add("", "has more than 15 MiB as JSON");
}

/// An item as the newest version of itself.
EarlierVersion present_version(const NewArticle& article, const ArticleState* state,
                               base::Time now) {
    EarlierVersion present{now,
                           article.updated_by,
                           article.title,
                           article.description,
                           article.content,
                           article.author,
                           article.tags,
                           publication_of(article, now),
                           article.extra,
                           article.content_format,
                           article.metadata};
    // Published without a time is now only when it was not before.
    bool stays =
        state && state->status == Status::published && !article.draft && !article.published_at;
    if (stays) present.publication.published_at = state->published_at;
    auto at = article.updated_at ? article.updated_at : article.created_at;
    if (at) present.at = std::min(*at, now);
    return present;
}

}  // namespace

std::size_t bytes_in_json(std::string_view text) {
    static constexpr auto written = [] {
        std::array<std::uint8_t, 256> bytes{};
        for (std::size_t c = 0; c < bytes.size(); ++c) {
            bool is_short = c == '"' || c == '\\' || (c >= '\b' && c <= '\r' && c != '\v');
            bytes[c] = is_short ? 2 : c < 0x20 ? 6 : 1;
        }
        return bytes;
    }();
    std::size_t bytes = 2;
    for (unsigned char c : text) bytes += written[c];
    return bytes;
}

std::string history_field(std::size_t version, std::string_view member) {
    auto field = "history[" + std::to_string(version) + "]";
    if (!member.empty()) field.append(".").append(member);
    return field;
}

void check_history(std::vector<Problem>& problems, std::vector<EarlierVersion>& history) {
    std::size_t most = 0;
    for (std::size_t i = 0; i < history.size() && problems.size() < history_problems_max; ++i) {
        check_version(problems, i, history[i]);
        most += most_bytes_of_version(history[i]);
    }
    if (most <= earlier_bytes_max) return;
    std::size_t bytes = 0;
    for (const auto& version : history) bytes += bytes_of_version(version);
    if (bytes > earlier_bytes_max) {
        problems.push_back({"history", "has more than 64 MiB in all, as JSON"});
    }
}

std::vector<EarlierVersion> versions_of(const ImportItem& item, const ArticleState* state,
                                        base::Time now) {
    auto versions = item.history;
    versions.push_back(present_version(*item.article, state, now));
    bool is_public = versions.back().publication.status == Status::published &&
                     !(item.article->embargo_until > now);
    for (auto i = versions.size() - 1; i-- > 0;) {
        auto& version = versions[i];
        version.at = std::min(version.at, versions[i + 1].at);
        auto& publication = version.publication;
        if (publication.published_at)
            publication.published_at = to_millis(*publication.published_at);
        if (!is_public || publication.status != Status::published) publication = {};
        if (publication.status == Status::published && !publication.published_at) {
            publication.published_at = to_millis(version.at);
        }
    }
    return versions;
}

ArticleRevised difference(const ArticleState& state, const std::string& content,
                          const EarlierVersion& version) {
    ArticleRevised revised{version.title, version.description,   version.content, version.author,
                           version.tags,  version.publication,   std::nullopt,    version.extra,
                           std::nullopt,  version.content_format};
    forget_if_same(revised.title, state.title);
    forget_if_same(revised.description, state.description);
    forget_if_same(revised.content, content);
    forget_if_same(revised.author, state.author);
    forget_if_same(revised.tags, state.tags);
    forget_if_same(revised.publication, Publication{state.status, state.published_at});
    forget_if_same(revised.extra, state.extra);
    forget_if_same(revised.content_format, state.content_format);
    revised.metadata = difference(state.metadata, version.metadata);
    return revised;
}

void add_names(ArticleRevised& revised, const ArticleState& state, const NewArticle& article) {
    if (!article.slug.empty() && article.slug != state.slug) revised.slug = article.slug;
    if (!article.legacy_id.empty() && article.legacy_id != state.legacy_id) {
        revised.legacy_id = article.legacy_id;
    }
    if (article.owner && article.owner != state.created_by) revised.owner = article.owner;
    if (!article.expires_at) return;
    auto expires_at = to_millis(*article.expires_at);
    if (expires_at != state.expires_at) revised.expires_at = expires_at;
}

std::optional<Event> event_of(ArticleRevised revised) {
    if (changes_members(revised)) return Event(std::move(revised));
    if (revised.publication) return publication_event(*revised.publication);
    return std::nullopt;
}

bool is_or_will_be_public(const ArticleState& state) {
    auto stage = stage_of({state.status, state.published_at});
    return stage == Stage::published || stage == Stage::scheduled;
}

}  // namespace news
