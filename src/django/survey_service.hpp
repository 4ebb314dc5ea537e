#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/context.hpp"
#include "staging_store.hpp"

namespace django {

/// Goes over all staged rows of a model. Each pass ends early once portal stops or the time of who
/// asked is over; then what was found with it is not to be used, and the next one goes on behind
/// it. One thread; what it is made of must outlive it.
class Passes {
public:
    Passes(const StagingStore& staging, const std::atomic<bool>& stop)
        : staging_(staging), stop_(stop) {}
    Passes(const Passes&) = delete;

    /// Somebody else asks, who waits until then.
    void until(base::Deadline deadline);
    /// Shows the rows behind `after`, which is moved on. False: not all of them. The first pass
    /// after until() shows some, so that whoever asks again and again comes to the end.
    bool over(const std::string& model, std::string& after,
              const std::function<void(const RowPointer& row)>& look);
    /// Whether a pass has ended early since until().
    bool is_cut_short() const { return is_cut_short_; }
    /// How many rows were shown, all together.
    std::int64_t rows() const { return rows_; }

private:
    const StagingStore& staging_;
    const std::atomic<bool>& stop_;
    base::Deadline deadline_{};
    bool is_cut_short_ = false;
    std::int64_t rows_ = 0;
};

/// What a field has in the rows of its model.
struct Column {
    /// The most common first; nothing that is long, no list of something, nothing behind the first
    /// hundred values.
    std::vector<Value> common{};
    bool may_be_null = false;  ///< it is in some row
    bool is_text = true;       ///< in every row
    /// As far as it is remembered, each row has another value, or null, and none an empty one.
    bool is_unique = false;
};

/// What the rows of a model have.
struct ModelSurvey {
    std::vector<std::string> fields{};  ///< of the first row; none: there is no row
    Value first_key{};
    std::int64_t next_key = 1;  ///< behind the greatest that is a number
    std::map<std::string, Column> columns{};
};

/// Finds in one pass over a model what all of its fields have, and remembers a bounded part of it.
/// One thread; the passes must outlive it.
class Survey {
public:
    explicit Survey(Passes& passes) : passes_(passes) {}

    /// Not to be used if the passes are cut short.
    const ModelSurvey& of(const std::string& model);
    /// The same of a field that no row may have.
    const Column& of(const std::string& model, const std::string& field);

private:
    struct Count {
        Value value;
        std::int64_t rows = 0;
    };
    struct Counts {
        std::vector<Count> values{};
        std::unordered_map<std::string, std::size_t> places{};
    };
    struct Model {
        ModelSurvey found{};
        std::map<std::string, Counts> counts{};
        std::size_t bytes = 0;
        std::string after{};
        bool is_whole = false;
    };
    static void add(Model& model, const Row& row);
    static void count(Model& model, const std::string& field, const Value& value);
    static void finish(Model& model);

    Passes& passes_;
    std::map<std::string, Model> models_;
};

}  // namespace django
