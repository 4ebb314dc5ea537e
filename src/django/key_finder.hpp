#pragma once

#include <string>
#include <vector>

#include "lookup.hpp"
#include "mapping.hpp"

namespace django {

/// Finds rows by what they say, where a lookup finds them by their keys: the category with that
/// slug, the words that a field has. What it says is not to be used once the passes that it looks
/// with are cut short. One thread.
class KeyFinder {
public:
    virtual ~KeyFinder() = default;
    /// The first row of the model for which the expression gives that text; null: there is none,
    /// or the model has too many rows to tell. `name` tells expressions apart.
    virtual RowPointer find(const std::string& model, const std::string& name,
                            const Expression& expression, const std::string& text) = 0;
    /// What the rows of a model have in that field, the most common first; nothing that is not a
    /// scalar, or stands behind the first hundred values.
    virtual const std::vector<Value>& common(const std::string& model,
                                             const std::string& field) = 0;
};

}  // namespace django
