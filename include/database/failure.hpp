#pragma once

#include <stdexcept>
#include <string>

namespace database {

/// What kind of breakdown it was, in words that fit every engine.
enum class FailureKind {
    constraint,    ///< a unique index or a check said no
    full,          ///< no room on the disk
    work_limit,    ///< a question did more work than it may
    time_limit,    ///< a question took more time than it may
    io,            ///< the disk failed
    sync,          ///< it failed to keep what it had taken: that may be gone
    damaged,       ///< the engine found the file damaged
    inconsistent,  ///< we found what cannot be true of a whole file, as rows that are out of order
    busy,          ///< somebody else holds it
    unopened,      ///< it cannot be opened, or is not where it was
    scarce,        ///< this process may not have what it takes: descriptors
    memory,        ///< there is not enough
    other,
};

/// An engine could not do what it should have done: a breakdown, never an answer to a person. The
/// message is a sentence that names the store and the reason, without SQL.
class Failure : public std::runtime_error {
public:
    Failure(FailureKind kind, const std::string& message)
        : std::runtime_error(message), kind_(kind) {}

    FailureKind kind() const { return kind_; }
    bool is_constraint() const { return kind_ == FailureKind::constraint; }
    bool is_full() const { return kind_ == FailureKind::full; }
    /// Stopped by a limit of a question.
    bool is_interrupt() const {
        return kind_ == FailureKind::work_limit || kind_ == FailureKind::time_limit;
    }
    /// The file cannot be trusted any more.
    bool is_fatal() const {
        return kind_ == FailureKind::io || kind_ == FailureKind::sync || is_damage() ||
               kind_ == FailureKind::unopened;
    }
    /// What is in the file is not what was put there.
    bool is_damage() const {
        return kind_ == FailureKind::damaged || kind_ == FailureKind::inconsistent;
    }

private:
    FailureKind kind_;
};

}  // namespace database
