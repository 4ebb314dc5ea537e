#include "reader_service.hpp"

#include <algorithm>

#include "base/ids.hpp"

namespace live {

namespace {

constexpr std::chrono::milliseconds turn_interval{200};

/// Up to twice as long: those who were cut at the same moment do not come back at the same.
std::string retry_line(std::chrono::milliseconds span) {
    auto count = static_cast<std::uint64_t>(span.count());
    return "retry: " + std::to_string(count + base::random_bits() % (count + 1)) + "\n";
}

}  // namespace

Reader::Reader(Hub& hub, std::shared_ptr<Board> board, ReaderStart start,
               std::shared_ptr<Places> catch_ups, const ReaderLimits& limits,
               const ReaderCounters& counters, const base::Clock& clock)
    : hub_(hub),
      board_(std::move(board)),
      start_(std::move(start)),
      catch_ups_(std::move(catch_ups)),
      limits_(limits),
      counters_(counters),
      clock_(clock) {}

base::Task<void> Reader::run(std::shared_ptr<Reader> reader, http::BodyWriter& to) {
    auto place = std::move(reader->start_.place);
    auto ended = co_await reader->work(to);
    // Whoever does not take what it is sent has gone: that is no breakdown.
    if (!ended && ended.error().code != "client_gone") co_return ended.error();
    co_return base::Result<void>();
}

base::Task<void> Reader::work(http::BodyWriter& to) {
    auto now = clock_.steady();
    next_beat_ = now + limits_.heartbeat;
    if (limits_.longest) end_ = now + *limits_.longest;
    came_at_ = board_->ring().end();
    auto greeted = co_await greet(to);
    if (!greeted) co_return greeted.error();
    auto caught_up = co_await catch_up(to);
    if (!caught_up) co_return caught_up.error();
    if (!*caught_up) co_return base::Result<void>();
    co_return co_await follow(to);
}

/// When to come again, and with which id: also for who is cut before the first event.
base::Task<void> Reader::greet(http::BodyWriter& to) {
    auto text = retry_line(limits_.retry) + id_line(start_.positions, hub_.names());
    if (!start_.reset.empty()) {
        counters_.reset.add();
        text += start_.reset;
    } else {
        text += '\n';
    }
    co_return co_await to.write(text);
}

std::optional<std::size_t> Reader::lagging() {
    const auto& floor = board_->ring().floor;
    for (std::size_t i = 0; i < floor.size(); ++i) {
        if (start_.filter.logs[i] && start_.positions[i] < floor[i]) return i;
    }
    return std::nullopt;
}

/// False: it has to come again.
base::Task<bool> Reader::catch_up(http::BodyWriter& to) {
    if (lagging()) {
        auto its_turn = co_await turn(to);
        if (!its_turn) co_return its_turn.error();
        bool has_all = false;
        if (*its_turn) {
            caught_up_by_ = clock_.steady() + limits_.catch_up_longest;
            auto read = co_await read_logs(to);
            if (!read) co_return read.error();
            has_all = *read;
        }
        if (!has_all) {
            auto parted = co_await part_with(to);
            if (!parted) co_return parted.error();
            co_return false;
        }
        counters_.caught_up.add();
    }
    number_ = board_->ring().first;
    co_return true;
}

/// Who waits is not refused, since a browser that is refused does not come again. Null: nobody
/// wants it any more, or its time is over.
base::Task<std::shared_ptr<void>> Reader::turn(http::BodyWriter& to) {
    for (;;) {
        auto now = clock_.steady();
        if (!to.wanted() || now >= end_) co_return std::shared_ptr<void>();
        auto its_turn = catch_ups_->take(start_.client);
        if (its_turn) co_return its_turn;
        if (now >= next_beat_) {
            auto beaten = co_await beat(to);
            if (!beaten) co_return beaten.error();
        }
        auto moment = std::min(now + turn_interval, end_);
        co_await board_->wait(to, moment);
    }
}

/// Log by log, so each is in its order. False: that leads to no end.
base::Task<bool> Reader::read_logs(http::BodyWriter& to) {
    auto left = 2 * limits_.catch_up_events_max;
    for (auto log = lagging(); log; log = lagging()) {
        if (!to.wanted() || !has_time()) co_return false;
        auto& position = start_.positions[*log];
        auto before = position;
        hidings_ = board_->ring().hidings;
        auto part = co_await hub_.read(*log, before);
        if (!part || part->end <= before || left < 0) co_return false;
        auto told = co_await tell_part(*part, to);
        if (!told) co_return told.error();
        if (is_fresh() && has_time()) position = part->end;
        left -= position - before;
    }
    co_return true;
}

/// As long as nothing was hidden since it was read, and there is time: the rest is read anew, or by
/// who comes again.
base::Task<void> Reader::tell_part(const Part& part, http::BodyWriter& to) {
    for (const auto& entry : part.entries) {
        if (!is_fresh() || !has_time()) break;
        start_.positions[entry.log] = entry.position;
        if (!start_.filter.wants(entry)) continue;
        if (entry.is_reset) counters_.reset.add();
        auto written = co_await write(entry, true, to);
        if (!written) co_return written.error();
    }
    co_return base::Result<void>();
}

base::Task<void> Reader::write(const Entry& entry, bool has_own_id, http::BodyWriter& to) {
    std::string own;
    std::string_view text = entry.whole;
    bool is_over = entry.is_over(clock_.now());
    if (has_own_id || is_over) {
        own = id_line(start_.positions, hub_.names());
        own += is_over ? entry.bare : entry.without_id();
        text = own;
    }
    co_return co_await to.write(text);
}

base::Task<void> Reader::follow(http::BodyWriter& to) {
    for (;;) {
        auto told = co_await tell_new(to);
        if (!told) co_return told.error();
        if (!*told) {
            counters_.slow.add();
            co_return co_await part_with(to);
        }
        const auto& goal = start_.goal;
        bool has_all = !goal.empty() && covers(start_.positions, goal);
        if (!to.wanted() || has_all) co_return base::Result<void>();
        auto now = clock_.steady();
        if (now >= end_) co_return co_await part_with(to);
        if (now >= next_beat_) {
            auto beaten = co_await beat(to);
            // What cannot be told now is not waited for by who does not listen on.
            if (!beaten || !goal.empty()) co_return beaten;
            continue;  // something may have come meanwhile
        }
        auto until = std::min(next_beat_, end_);
        auto woken = co_await board_->wait(to, until);
        if (!woken) co_return woken.error();
    }
}

/// The next entry that is for this reader; null at the end of the ring. Late: the ring has gone on
/// without it, or what it wants was not made ready.
Reader::Shared Reader::next(bool& is_late) {
    const auto& ring = board_->ring();
    is_late = number_ < ring.first || lagging();
    if (is_late) return nullptr;
    auto& positions = start_.positions;
    while (number_ < ring.end()) {
        const auto& entry = ring.entries[number_ - ring.first];
        bool is_of_log = entry->position > 0;
        bool is_known = is_of_log ? entry->position <= positions[entry->log] : number_ < came_at_;
        ++number_;
        if (!is_known && start_.filter.wants(*entry)) return entry;
    }
    raise(positions, ring.reached);
    return nullptr;
}

/// False: it is too slow.
base::Task<bool> Reader::tell_new(http::BodyWriter& to) {
    bool is_late = false;
    for (auto entry = next(is_late); entry; entry = next(is_late)) {
        if (entry->is_reset) counters_.reset.add();
        auto& positions = start_.positions;
        // Nearly everybody is as far as the ring was then, and shares the bytes.
        bool is_in_step = covers(entry->reached, positions);
        raise(positions, entry->reached);
        auto written = co_await write(*entry, !is_in_step, to);
        if (!written) co_return written.error();
        auto now = clock_.steady();
        next_beat_ = now + limits_.heartbeat;
        if (now >= end_) break;
    }
    co_return !is_late;
}

base::Task<void> Reader::beat(http::BodyWriter& to) {
    next_beat_ = clock_.steady() + limits_.heartbeat;
    std::shared_ptr<const std::string> text;
    {
        const auto& ring = board_->ring();
        if (start_.positions == ring.reached) text = ring.heartbeat;
    }
    if (!text) {
        text = std::make_shared<const std::string>(heartbeat_at(start_.positions, hub_.names()));
    }
    co_return co_await to.write(*text);
}

/// With its id: it may have come far without being told anything.
base::Task<void> Reader::part_with(http::BodyWriter& to) {
    auto text = retry_line(limits_.retry) + id_line(start_.positions, hub_.names()) + "\n";
    co_return co_await to.write(text);
}

}  // namespace live
