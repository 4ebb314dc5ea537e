#include "items_service.hpp"

#include <algorithm>
#include <map>

#include "resilience/gather.hpp"

namespace editing {

namespace {

/// How often the search is asked on for one answer, where little of what it finds is asked for.
constexpr int searches_max = 5;
constexpr char newest_mark = 'n';
constexpr char oldest_mark = 'o';

void note_failed(ItemsFound& found, const std::string& type) {
    auto& failed = found.failed;
    bool known = std::find(failed.begin(), failed.end(), type) != failed.end();
    if (!known) failed.push_back(type);
}

bool stands_before(const news::ListCursor& a, const news::ListCursor& b, bool oldest_first) {
    return oldest_first ? news::comes_before(b, a) : news::comes_before(a, b);
}

bool is_asked_for(const news::Item& item, const news::ItemsQuestion& question,
                  const base::Actor& actor) {
    const auto& stages = question.stages;
    bool has_stage =
        stages.empty() || std::find(stages.begin(), stages.end(), item.stage) != stages.end();
    bool is_whose = !question.mine || (item.created_by && item.created_by == actor.subject());
    return has_stage && is_whose && item.stage != news::Stage::removed;
}

}  // namespace

ItemsFound merge(std::vector<news::ItemsPage> pages, const news::ItemsQuestion& question) {
    ItemsFound found;
    auto before = [&](const news::ListCursor& a, const news::ListCursor& b) {
        return stands_before(a, b, question.oldest_first);
    };
    std::optional<news::ListCursor> end;
    for (auto& page : pages) {
        const auto& up_to = page.looked_up_to;
        if (up_to && (!end || before(*up_to, *end))) end = up_to;
        std::move(page.items.begin(), page.items.end(), std::back_inserter(found.items));
    }
    auto& items = found.items;
    std::sort(items.begin(), items.end(), [&](const news::Item& a, const news::Item& b) {
        return before(cursor_of(a), cursor_of(b));
    });
    std::erase_if(items,
                  [&](const news::Item& item) { return end && before(*end, cursor_of(item)); });
    if (std::ssize(items) > question.limit) {
        items.resize(static_cast<std::size_t>(question.limit));
        end = cursor_of(items.back());
    }
    if (end) {
        found.next = question.oldest_first ? oldest_mark : newest_mark;
        found.next += to_cursor(*end);
    }
    return found;
}

std::optional<news::ListCursor> items_cursor(std::string_view text, bool oldest_first) {
    bool fits = text.starts_with(oldest_first ? oldest_mark : newest_mark);
    if (!fits) return std::nullopt;
    return news::from_cursor(text.substr(1));
}

std::vector<std::string> ItemsService::types_of(const ItemsAsked& asked) const {
    if (!asked.news_type.empty()) return {asked.news_type};
    std::vector<std::string> all;
    for (const auto& [name, type] : types_) all.push_back(name);
    return all;
}

base::Task<ItemsFound> ItemsService::find(ItemsAsked asked, base::Context context) const {
    if (asked.text.empty()) return list(std::move(asked), std::move(context));
    return search(std::move(asked), std::move(context));
}

base::Task<ItemsFound> ItemsService::list(ItemsAsked asked, base::Context context) const {
    auto names = types_of(asked);
    std::vector<base::Task<news::ItemsPage>> questions;
    auto wanted = asked.question;
    // One more than wanted tells whether anything follows.
    ++wanted.limit;
    for (const auto& name : names) {
        questions.push_back(types_.at(name).items->items(wanted, context));
    }
    auto answers = co_await resilience::gather(context.deadline, std::move(questions));
    if (!answers) co_return answers.error();
    std::vector<news::ItemsPage> pages;
    ItemsFound failed;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto& answer = (*answers)[i];
        if (answer) {
            pages.push_back(std::move(*answer));
        } else {
            note_failed(failed, names[i]);
        }
    }
    if (pages.empty() && !names.empty()) co_return answers->front().error();
    auto found = merge(std::move(pages), asked.question);
    found.failed = std::move(failed.failed);
    auto counted = co_await count(asked, found, std::move(context));
    if (!counted) co_return counted.error();
    co_return found;
}

base::Task<ItemsFound> ItemsService::search(ItemsAsked asked, base::Context context) const {
    search::Question wanted;
    wanted.text = asked.text;
    wanted.news_type = asked.news_type;
    wanted.tag = asked.question.tag;
    wanted.author = asked.question.author;
    wanted.drafts = true;
    wanted.mine = asked.question.mine || context.actor.role < base::Role::editor;
    wanted.cursor = asked.search_cursor;
    ItemsFound found;
    for (int i = 0; i < searches_max; ++i) {
        wanted.limit = asked.question.limit - std::ssize(found.items);
        auto part = co_await search_.find(wanted, context);
        if (!part) co_return part.error();
        for (const auto& type : part->failed) {
            bool is_asked = asked.news_type.empty() || type == asked.news_type;
            if (is_asked) note_failed(found, type);
        }
        auto added = co_await add_hits(std::move(part->hits), asked, found, context);
        if (!added) co_return added.error();
        wanted.cursor = part->next;
        if (part->next.empty() || std::ssize(found.items) >= asked.question.limit) break;
    }
    found.next = wanted.cursor;
    auto counted = co_await count(asked, found, std::move(context));
    if (!counted) co_return counted.error();
    co_return found;
}

base::Task<void> ItemsService::add_hits(std::vector<search::Hit> hits, const ItemsAsked& asked,
                                        ItemsFound& found, base::Context context) const {
    using Items = std::vector<news::Item>;
    std::map<std::string, std::vector<news::ArticleId>> ids;
    for (const auto& hit : hits) ids[hit.news_type].push_back(hit.id);
    std::vector<std::string> names;
    std::vector<base::Task<Items>> questions;
    for (auto& [type, wanted] : ids) {
        auto known = types_.find(type);
        if (known == types_.end()) continue;
        names.push_back(type);
        questions.push_back(known->second.items->items_by_id(std::move(wanted), context));
    }
    auto answers = co_await resilience::gather(context.deadline, std::move(questions));
    if (!answers) co_return answers.error();
    std::map<std::pair<std::string, news::ArticleId>, news::Item> items;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto& answer = (*answers)[i];
        if (!answer) {
            note_failed(found, names[i]);
            continue;
        }
        for (auto& item : *answer) {
            std::pair name(names[i], item.id);
            items.emplace(std::move(name), std::move(item));
        }
    }
    for (const auto& hit : hits) {
        auto item = items.find({hit.news_type, hit.id});
        bool is_there =
            item != items.end() && is_asked_for(item->second, asked.question, context.actor);
        if (is_there) found.items.push_back(std::move(item->second));
    }
    co_return base::Result<void>();
}

base::Task<void> ItemsService::count(const ItemsAsked& asked, ItemsFound& found,
                                     base::Context context) const {
    auto names = types_of(asked);
    std::vector<base::Task<news::ItemCounts>> questions;
    for (const auto& name : names) {
        questions.push_back(types_.at(name).items->item_counts(asked.question.mine, context));
    }
    auto answers = co_await resilience::gather(context.deadline, std::move(questions));
    if (!answers) co_return answers.error();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& answer = (*answers)[i];
        if (!answer) {
            note_failed(found, names[i]);
            continue;
        }
        for (std::size_t stage = 0; stage < found.counts.size(); ++stage) {
            found.counts[stage] =
                std::min(found.counts[stage] + (*answer)[stage], news::counted_max);
        }
    }
    co_return base::Result<void>();
}

}  // namespace editing
