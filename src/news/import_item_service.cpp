// An item of an import, before anybody knows what is here of it.
#include <set>

#include "article.hpp"
#include "event_json.hpp"
#include "item_crypto.hpp"
#include "news/importer.hpp"
#include "news_html.hpp"

namespace news {

namespace {

/// Sets `extra` as events have it.
void respell(std::vector<base::Problem>& problems, std::string field, std::string& extra) {
    if (extra.empty()) return;
    auto stored = extra_as_stored(extra);
    if (!stored) problems.push_back({std::move(field), "must be a JSON object"});
    extra = std::move(stored).value_or("");
}

}  // namespace

base::Result<ImportItem> import_item(NewArticle article, std::vector<EarlierVersion> history,
                                     const std::vector<std::string>& embeds) {
    if (!article.source_id) {
        return base::Error{base::Reason::invalid, "missing_source_id",
                           "An imported item needs a source_id: without it a second import could "
                           "not know it again."};
    }
    std::vector<base::Problem> problems;
    respell(problems, "extra", article.extra);
    for (std::size_t i = 0; i < history.size() && problems.size() < history_problems_max; ++i) {
        respell(problems, history_field(i, "extra"), history[i].extra);
    }
    check_history(problems, history);
    auto checked = check_imported(article);
    if (!checked) {
        auto others = checked.error().details;
        problems.insert(problems.begin(), others.begin(), others.end());
    }
    if (!problems.empty()) return invalid_news(std::move(problems));
    // Of what the source says: another way of cleaning makes no other item of it.
    auto hash = item_hash(**checked);
    std::set<std::string_view> dropped;
    auto clean = [&](ContentFormat format, std::string& content) {
        if (format != ContentFormat::html) return;
        auto cleaned = clean_html(content, embeds);
        for (const auto& one : cleaned.dropped) dropped.insert(one.kind);
        content = std::move(cleaned.html);
    };
    if (article.content_format == ContentFormat::html) {
        clean(article.content_format, article.content);
        checked = check_imported(std::move(article));
        if (!checked) return checked.error();
    }
    for (auto& version : history) clean(version.content_format, version.content);
    // What is cleaned may be longer than it was: an & is written as &amp;.
    check_history(problems, history);
    if (!problems.empty()) return invalid_news(std::move(problems));
    ImportItem item{std::move(*checked), std::move(hash), std::move(history)};
    item.dropped.assign(dropped.begin(), dropped.end());
    return item;
}

}  // namespace news
