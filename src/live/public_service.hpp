#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/cache.hpp"
#include "base/clock.hpp"
#include "news/types.hpp"
#include "standing.hpp"
#include "teller.hpp"

namespace live {

/// What readers are told of the events of articles: news::public_change() says which word, and the
/// article comes as it stands when it is told, if everybody may see it then. Thread-safe.
class PublicService final : public Teller {
public:
    /// `names`: the types, in order. What it is given outlives it.
    PublicService(std::vector<std::string> names, news::Types types, const base::Clock& clock);

    base::Task<Part> tell(std::size_t log, std::vector<bus::Event> events) override;

private:
    struct Change;
    struct Text;
    using Texts = std::map<news::ArticleId, Text>;
    struct Known {
        news::Version version = 0;
        Standing standing{};
    };
    using Name = std::pair<std::size_t, news::ArticleId>;
    struct NameHash {
        std::size_t operator()(const Name& name) const {
            return std::hash<news::ArticleId>()(name.second) ^ name.first;
        }
    };
    using Standings = std::map<news::ArticleId, Known>;

    base::Task<std::vector<Change>> changes(std::size_t log, std::vector<bus::Event> events);
    base::Task<std::optional<Standing>> standing_before(std::size_t log, news::ArticleId id,
                                                        news::Version version);
    base::Task<void> find_texts(std::size_t log, const std::vector<Change>& changes, Texts& texts);
    std::size_t tell_change(std::size_t log, Change change, const Texts& texts, Part& told);
    void remember(std::size_t log, const Standings& standings);

    const std::vector<std::string> names_;
    const news::Types types_;
    const base::Clock& clock_;
    base::Cache<Name, Known, NameHash> lately_;
};

}  // namespace live
