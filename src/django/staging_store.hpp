#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "database/scratch_store.hpp"
#include "lookup.hpp"
#include "relations.hpp"
#include "source.hpp"

namespace django {

/// The fields of which a model makes its natural keys, by model.
using NaturalKeys = std::map<std::string, std::vector<std::string>>;

/// All rows of a source in a file of their own, where they are found by their keys. Filled once, in
/// transactions that carry the place in the source with them, so that a killed process goes on
/// where it was; then only looked at. One thread. Throws database::Failure.
class StagingStore final : public Lookup {
public:
    struct Options {
        std::filesystem::path file;
        /// What the rows are made from, in any words: another text, and all begins anew.
        std::string identity;
        /// The run of the machine: what another one has left is not gone on with, unless it is
        /// whole and was to be kept. Empty: not known.
        std::string boot{};
        bool is_kept = false;
        NaturalKeys natural_keys{};
        /// What will be asked for with index(): found as the rows come, where one has the key
        /// itself.
        std::vector<Reverse> reverses{};
        std::int64_t cache_bytes = 48 * 1024 * 1024;
        std::size_t pointing_max = 1000;
        std::size_t pointing_bytes_max = 32 * 1024 * 1024;  ///< as they are in memory
    };
    enum class Put {
        added,
        repeated,     ///< the same row once more
        differs,      ///< another row of this key, which says something else; the first one stays
        unreadable,   ///< it has what is no text
        missing_key,  ///< neither a pk nor a natural key that is known
        long_key,
        too_many_models,
    };

    explicit StagingStore(Options options);

    /// Where to go on, if there is something already.
    std::optional<SourcePlace> place() const;
    /// Of a source that is read from its beginning only: nothing that was put stays.
    void start_anew();
    bool is_complete() const;
    /// `packed`: its fields, see packed(). Whether its texts are such is not looked at if it is
    /// `verified`.
    Put put(const Record& record, std::string_view packed, bool verified);
    void reject(const Reject& reject);
    /// Keeps what was put so far.
    void keep(const SourcePlace& place);
    /// There are no more. `relations`: what the source says of its fields.
    void complete(const std::map<std::string, std::string>& relations, bool cut_off);
    bool was_cut_off() const;

    std::vector<std::string> models() const;
    std::int64_t rows_of(const std::string& model) const;
    std::map<std::string, std::string> told_relations() const;
    void each_reject(const std::function<void(const Reject&)>& hear) const;
    /// Rows in order of their pks, behind the one at `after` (empty: from the first on), which
    /// becomes the last one's. Fewer than `count` if they are large, none at the end.
    std::vector<RowPointer> next_rows(const std::string& model, std::string& after,
                                      std::size_t count) const;

    /// Which rows have come to be articles, or were to be: known to who asks what has vanished
    /// since an earlier import.
    void forget_seen();
    void see(const std::vector<std::string>& legacy_ids);
    std::vector<bool> seen(const std::vector<std::string>& legacy_ids) const;

    void set_relations(Relations relations) { relations_ = std::move(relations); }
    /// Makes such rows be found; again is quick.
    void index(const Reverse& reverse);

    RowPointer find(const std::string& model, const Value& key) const override;
    std::vector<RowPointer> pointing(const Reverse& reverse, const std::string& model,
                                     const Value& key) const override;
    std::string target(const std::string& model, const std::string& field) const override;
    std::optional<Value> parsed(std::string_view json) const override;
    /// How often there were more rows pointing to one than are looked at.
    std::int64_t cut_short() const { return cut_short_; }

private:
    void open();
    std::string note(const std::string& name) const;
    void set_note(const std::string& name, const std::string& value);
    std::int64_t number_of(const std::string& model);
    std::int64_t known_number_of(const std::string& model) const;
    std::string natural_of(const Record& record) const;
    RowPointer row_from(std::int64_t model, std::string_view key, std::string_view body,
                        std::int64_t line) const;
    void add_pointers(std::int64_t relation, const Reverse& reverse, const Row& row);
    void add_pointer(std::int64_t relation, const std::string& target, const std::string& source);
    void begin_relations();
    void point_early();
    void end_early();
    void point(const Record& record, const std::string& source);
    struct Relation {
        std::int64_t number = 0;
        std::int64_t state = 0;
    };
    std::optional<Relation> relation(const Reverse& reverse) const;
    void set_state(std::int64_t relation, std::int64_t state);

    Options options_;
    mutable std::unique_ptr<database::ScratchStore> store_;
    std::map<std::string, std::int64_t> numbers_;
    std::vector<std::string> names_;  ///< by number
    struct Early {
        std::int64_t relation = 0;
        std::string field;
    };
    std::multimap<std::string, Early> early_;  ///< by model: relations that are filled as rows come
    Relations relations_;
    mutable std::unordered_map<std::string, RowPointer> cache_;
    mutable std::int64_t cached_bytes_ = 0;
    mutable std::int64_t cut_short_ = 0;
};

}  // namespace django
