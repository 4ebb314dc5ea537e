#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/time_zone.hpp"
#include "django/items.hpp"
#include "lookup.hpp"
#include "mapping.hpp"

namespace django {

using Warnings = std::vector<Warning>;

/// Where a path begins: a row, or a value within JSON.
struct Scope {
    RowPointer row{};
    Value value{};
};

/// Carries out expressions. Pure but for what it asks of the lookup; what it is made of must
/// outlive it.
class Evaluation {
public:
    /// `zone`: that of times without an offset, and of addresses with dates.
    Evaluation(const Mapping& mapping, const Lookup& lookup, const base::TimeZone& zone,
               bool naive_is_utc)
        : mapping_(mapping), lookup_(lookup), zone_(zone), naive_is_utc_(naive_is_utc) {}

    /// Where pages of Wagtail stand in its tree (`path`) that not everybody may see, and with them
    /// all that is below; the empty path is above all.
    void restrict(std::vector<std::string> tree_paths);
    /// A page whose place is not known is, as soon as there is any.
    bool is_restricted(const RowPointer& row) const;

    /// Memory that one row may take, with what is made on the way to it: a template over large
    /// fields, or many relations, would make gigabytes of a small row.
    static constexpr std::size_t row_memory_max = 64 * 1024 * 1024;
    /// Another row begins: what is counted of one begins at nothing.
    void begin() const {
        spent_ = 0;
        misses_ = 0;
    }
    /// Counts what is made of the row. False: it is too much, and from here on all that is asked of
    /// it is empty.
    bool spend(std::size_t bytes) const;
    bool is_too_large() const { return spent_ > row_memory_max; }
    /// How often a rule asked for what is not there: a field that no row of the model has, a row
    /// that is gone, a test with nothing to look at. What hangs on such an answer is not clear.
    std::int64_t misses() const { return misses_; }

    /// Warnings of all that follows go there.
    void hear(Warnings* warnings) { warnings_ = warnings; }
    void warn(std::string kind, std::string text) const;

    Value value(const Expression& expression, const Scope& scope) const;
    /// As one line of text; of several values with commas between.
    std::string text(const Expression& expression, const Scope& scope) const;
    std::vector<std::string> texts(const Expression& expression, const Scope& scope) const;
    std::optional<base::Time> time(const Expression& expression, const Scope& scope) const;
    std::optional<base::Time> time(const Value& value) const;
    bool holds(const Condition& condition, const Scope& scope) const;
    std::vector<Scope> rows(const Rows& rows, const Scope& scope) const;
    /// What the path leads to. `as_rows`: foreign keys at its end are followed too.
    std::vector<Scope> follow(const Path& path, const Scope& scope, bool as_rows) const;
    /// JSON in a text, or the value itself.
    Value unfolded(const Value& value) const;
    const Lookup& lookup() const { return lookup_; }
    /// The site's.
    const base::TimeZone& zone() const { return zone_; }
    /// The model of Wagtail's pictures.
    const std::string& images() const { return mapping_.images; }

private:
    static constexpr int ancestors_max = 32;

    struct Field {
        RowPointer holder;  ///< the row itself, a parent, or a translation
        const Value* value = nullptr;
    };
    Field field(const RowPointer& row, const std::string& name) const;
    RowPointer translation_of(const Row& row) const;
    void step(const Scope& at, const std::string& name, bool raw, std::vector<Scope>& out) const;
    void step_from_row(const RowPointer& row, const std::string& name, bool raw,
                       std::vector<Scope>& out) const;
    void arrive(const Value& value, const std::string& model, const std::string& name, bool raw,
                std::vector<Scope>& out) const;
    /// Nothing: it has nothing to look at, or cannot be compared.
    std::optional<bool> passes(const Test& test, const Scope& scope) const;
    void miss(std::string kind, std::string text) const;
    std::vector<Scope> sorted(std::vector<Scope> found, const Rows& rows) const;
    Value first(const Expression& expression, const Scope& scope) const;
    Value stream(const Expression& expression, const Scope& scope) const;
    std::vector<std::string> words_of(std::string_view text, const std::string& by) const;

    Value raw_value(const Expression& expression, const Scope& scope) const;
    Value templated(const Expression& expression, const Scope& scope) const;
    Value each(const Expression& expression, const Scope& scope) const;
    Value tree(const Expression& expression, const Scope& scope) const;
    Value names(const Expression& expression, const Scope& scope) const;
    Value mapped(const Expression& expression, Value value) const;

    const Mapping& mapping_;
    const Lookup& lookup_;
    const base::TimeZone& zone_;
    const bool naive_is_utc_;
    std::vector<std::string> restricted_;  ///< in order, none of them below another
    mutable Warnings* warnings_ = nullptr;
    mutable std::size_t spent_ = 0;
    mutable std::int64_t misses_ = 0;
    mutable std::int64_t absent_ = 0;  ///< members that JSON did not have
};

/// Cuts at the letter; `tagging`: as django-tagging and taggit read a field of tags. What stands in
/// double quotes is kept together. Pure.
std::vector<std::string> split_words(std::string_view text, std::string_view by);

}  // namespace django
