#pragma once

#include <chrono>
#include <string>

#include "operations/jobs.hpp"

namespace operations {

/// Shows a job's progress to a person: a bar that moves on a terminal, else a line per second.
class ProgressDisplay {
public:
    explicit ProgressDisplay(std::string title);
    void show(const Progress::State& state);
    /// Ends the bar's line.
    void finish();

private:
    std::string title_;
    bool terminal_;
    bool shown_ = false;
    std::string noticed_;
    std::chrono::steady_clock::time_point next_{};
};

/// A number as people write it: 1,234,567.
std::string with_commas(std::int64_t number);

}  // namespace operations
