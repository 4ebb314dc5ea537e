#pragma once

#include <vector>

#include "search/queries.hpp"

namespace support {

/// A search that finds what a test says, part by part: the cursor is the number of the part.
class FakeSearch final : public search::Queries {
public:
    std::vector<std::vector<search::Hit>> parts;
    std::optional<base::Error> refused{};
    mutable std::vector<search::Question> asked;

    base::Task<search::Found> find(search::Question question, base::Context) const override {
        asked.push_back(question);
        if (refused) co_return *refused;
        search::Found found;
        auto part = question.cursor.empty() ? 0 : std::stoul(question.cursor);
        if (part < parts.size()) found.hits = parts[part];
        if (part + 1 < parts.size()) found.next = std::to_string(part + 1);
        co_return found;
    }
};

}  // namespace support
