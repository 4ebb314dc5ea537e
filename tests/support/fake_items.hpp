#pragma once

#include <optional>
#include <vector>

#include "news/items.hpp"

namespace support {

/// A type with items that a test writes down, newest change first.
class FakeItems final : public news::Items {
public:
    std::vector<news::Item> all;
    std::optional<base::Error> broken{};

    base::Task<news::ItemsPage> items(news::ItemsQuestion question, base::Context) const override {
        if (broken) co_return *broken;
        news::ItemsPage page;
        for (const auto& item : all) {
            bool follows =
                !question.after || news::comes_before(*question.after, news::cursor_of(item));
            if (follows && std::ssize(page.items) < question.limit) page.items.push_back(item);
        }
        co_return page;
    }
    base::Task<std::vector<news::Item>> items_by_id(std::vector<news::ArticleId> ids,
                                                    base::Context) const override {
        if (broken) co_return *broken;
        std::vector<news::Item> found;
        for (auto id : ids) {
            for (const auto& item : all) {
                if (item.id == id) found.push_back(item);
            }
        }
        co_return found;
    }
    base::Task<news::ItemCounts> item_counts(bool, base::Context) const override {
        if (broken) co_return *broken;
        news::ItemCounts counts{};
        counts[0] = 6000;
        counts[1] = std::ssize(all);
        co_return counts;
    }
};

}  // namespace support
