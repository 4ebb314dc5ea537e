#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "value.hpp"

namespace django {

/// A row of a model.
struct Row {
    std::string model;
    Value key;
    Value fields;
    std::int64_t line = 0;
};
using RowPointer = std::shared_ptr<const Row>;

/// `news.article:12`
std::string legacy_id_of(const Row& row);

/// The rows of a model that point to another's, by a foreign key or a many-to-many field
/// (`newsroom.correction[article]`), or by a generic key: its content type and its id
/// (`taggit.taggeditem[content_type,object_id]`).
struct Reverse {
    std::string model;
    std::vector<std::string> fields;  ///< one, or two

    bool operator==(const Reverse&) const = default;
    auto operator<=>(const Reverse&) const = default;
};

/// What a mapping asks of all rows. One thread.
class Lookup {
public:
    virtual ~Lookup() = default;

    /// By its pk, or by its natural key, which is a list. Null: there is none.
    virtual RowPointer find(const std::string& model, const Value& key) const = 0;
    /// In order of their pks; a bounded number.
    virtual std::vector<RowPointer> pointing(const Reverse& reverse, const std::string& model,
                                             const Value& key) const = 0;
    /// Which model a field points to; empty: to none, as far as it is known.
    virtual std::string target(const std::string& model, const std::string& field) const = 0;
    /// What a text says as JSON; nothing if it is none.
    virtual std::optional<Value> parsed(std::string_view json) const = 0;

    /// The model that a key of a content type means, which may be a natural one; empty: not known.
    std::string content_type(const Value& key) const;
    /// Where the page of a `wagtailcore.pageviewrestriction` stands in the tree; empty: not known.
    std::string restricted_path(const Row& restriction) const;
};

}  // namespace django
