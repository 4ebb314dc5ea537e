#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "evaluation.hpp"
#include "mapping.hpp"
#include "staging_store.hpp"

namespace django {

/// Finds rows by what they say, where the staging store finds them by their keys: the category with
/// that slug, the words that a field has. Looks at all rows of a model once and remembers a bounded
/// number. One thread; what it is made of must outlive it.
class KeyFinder {
public:
    KeyFinder(const StagingStore& staging, const Evaluation& evaluation)
        : staging_(staging), evaluation_(evaluation) {}

    /// The first row of the model for which the expression gives that text; null: there is none,
    /// or the model has too many rows to tell. `name` tells expressions apart.
    RowPointer find(const std::string& model, const std::string& name, const Expression& expression,
                    const std::string& text);
    /// What the rows of a model have in that field, the most common first; nothing that is not a
    /// scalar, or stands behind the first hundred values.
    const std::vector<Value>& common(const std::string& model, const std::string& field);

private:
    using Keys = std::unordered_map<std::string, Value>;
    const Keys& keys_of(const std::string& model, const std::string& name,
                        const Expression& expression);

    const StagingStore& staging_;
    const Evaluation& evaluation_;
    std::map<std::string, Keys> keys_;
    std::map<std::string, std::vector<Value>> common_;
};

}  // namespace django
