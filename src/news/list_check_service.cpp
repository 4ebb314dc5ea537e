#include "list_check_service.hpp"

#include "entry_store.hpp"

namespace news {

namespace {

constexpr std::size_t list_problems_max = 100;
constexpr std::int64_t entries_at_once = 500;

std::string list_name(const ListEntry& entry) {
    if (entry.list == language_list) return "the list of the language " + entry.word;
    return "the list of the tag " + entry.word + " (" + entry.list + ")";
}

void tell_stray(VerifyReport& report, ArticleId id, const std::string& list) {
    if (report.problems.size() >= list_problems_max) return;
    report.problems.push_back("view: article " + std::to_string(id) + " stands in " + list +
                              ", where it does not belong");
}

void check_tag(database::StoreReader& queries, const std::string& news_type, const std::string& tag,
               VerifyReport& report) {
    std::optional<ArticleStore::TagEntry> last;
    for (bool more = true; more;) {
        auto& view = queries.refresh();
        ArticleStore store(view, active_slot(view), news_type);
        auto entries = store.tag_entries(tag, last, entries_at_once);
        for (const auto& entry : entries) {
            if (!entry.fits) tell_stray(report, entry.id, "the list of the tag " + tag);
        }
        more = !entries.empty();
        if (more) last = entries.back();
    }
}

void check_list(database::StoreReader& queries, ListEntry last, VerifyReport& report) {
    for (bool more = true; more;) {
        auto& view = queries.refresh();
        auto entries = entries_after(view, active_slot(view), last, entries_at_once);
        for (const auto& [entry, fits] : entries) {
            if (!fits) tell_stray(report, entry.id, list_name(entry));
        }
        more = !entries.empty();
        if (more) last = entries.back().entry;
    }
}

}  // namespace

ListMembers::ListMembers(database::ReadTransaction& view, Slot slot, const ArticleStore& store)
    : view_(view), slot_(slot), store_(store), has_entries_(has_entries(view)) {}

std::vector<std::string> ListMembers::missing(const Article& article) const {
    std::vector<std::string> lists;
    if (is_listed(article)) {
        for (const auto& tag : article.tags) {
            if (!store_.has_tag(tag, article)) lists.push_back("the list of its tag " + tag);
        }
    }
    if (!has_entries_) return lists;
    for (const auto& entry : entries_of(article)) {
        if (!stands_in(view_, slot_, entry)) lists.push_back(list_name(entry));
    }
    return lists;
}

void check_lists(database::StoreReader& queries, const std::string& news_type,
                 VerifyReport& report) {
    auto next_tag = [&](const std::string& tag) {
        auto& view = queries.refresh();
        return ArticleStore(view, active_slot(view), news_type).tag_after(tag);
    };
    for (auto tag = next_tag(""); tag; tag = next_tag(*tag)) {
        check_tag(queries, news_type, *tag, report);
    }
    auto next_list = [&](const ListEntry& entry) -> std::optional<ListEntry> {
        auto& view = queries.refresh();
        if (!has_entries(view)) return std::nullopt;
        return list_after(view, active_slot(view), entry);
    };
    for (auto list = next_list({}); list; list = next_list(*list)) {
        check_list(queries, *list, report);
    }
}

}  // namespace news
