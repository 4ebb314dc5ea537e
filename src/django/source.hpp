#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "value.hpp"

namespace django {

/// One row, as its source tells it.
struct Record {
    std::string model;      ///< `app.model`, in small letters
    Value key{};            ///< its pk; null: the dump was made with --natural-primary
    Value fields{};         ///< an object; many-to-many fields are lists
    std::int64_t line = 0;  ///< where it begins; of a database its number within the table
};

/// What stands there and is no row.
struct Reject {
    std::string model{};  ///< empty: not known
    std::int64_t line = 0;
    std::string code;
    std::string message;
    std::string row{};  ///< what stands there, shortened
};

/// The source has come to its end. `cut_off`: in the middle of something.
struct SourceEnd {
    bool cut_off = false;
};

/// Where a source was read to, to go on from there.
struct SourcePlace {
    std::int64_t bytes = 0;
    std::int64_t line = 0;
};

/// A Django site's rows, one after the other, in memory that does not grow with them. One thread.
class Source {
public:
    using Item = std::variant<Record, Reject, SourceEnd>;

    virtual ~Source() = default;

    virtual Item next() = 0;
    /// Behind the item that next() gave last. Nothing: this source is read from its beginning only.
    virtual std::optional<SourcePlace> place() const { return std::nullopt; }
    /// So far as the source says it itself: `news.article.author` → `auth.user`.
    virtual const std::map<std::string, std::string>& relations() const = 0;
    /// Its times without an offset are UTC.
    virtual bool naive_is_utc() const { return false; }
    /// Its texts are UTF-8 without NUL, that has been looked at.
    virtual bool is_verified() const { return false; }
    /// It has cut times to milliseconds.
    virtual bool cuts_times() const { return false; }
};

}  // namespace django
