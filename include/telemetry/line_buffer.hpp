#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.hpp"

namespace telemetry {

struct LineBlock;

/// Log lines that are too many for log(): one for every request. They stand in a block of this
/// object's own and go to the log's outputs by the block, so that a line costs neither an
/// allocation nor a lock; they come out in the order of their blocks, up to a moment after lines of
/// log(). Belongs to one thread. Lines that the outputs are too slow for are dropped and counted,
/// as those of log() are; without a log that takes them (LogTarget::blocks) they go nowhere.
class LineBuffer {
public:
    /// What is longer does not become a line: bound what clients choose.
    static constexpr std::size_t line_bytes_max = 3584;

    LineBuffer();
    ~LineBuffer();
    LineBuffer(const LineBuffer&) = delete;

    /// One line, of level info: begin(), its members, end().
    void begin(base::Time time, std::string_view module, std::string_view message);
    /// At most `bytes_max` of `value`, escaped as in log().
    void text(std::string_view name, std::string_view value, std::size_t bytes_max);
    void number(std::string_view name, std::int64_t value);
    /// Three digits after the point: of microseconds the milliseconds.
    void thousandths(std::string_view name, std::int64_t value);
    void truth(std::string_view name, bool value);
    void end();

    /// What is in it goes on its way. Does not block.
    void hand_over();

private:
    char* room(std::size_t bytes);
    void go_on_at(const char* at);
    void add(std::string_view bytes);
    void add_time(base::Time time);

    std::unique_ptr<LineBlock> block_;
    std::size_t at_ = 0;  ///< where the line that is begun will go on
    std::int64_t second_ = -1;
    char time_[24];  ///< of that second, `2026-05-04T10:20:30.000Z`
    bool fits_ = true;
};

}  // namespace telemetry
