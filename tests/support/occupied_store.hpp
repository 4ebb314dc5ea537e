#pragma once

#include <array>
#include <future>
#include <memory>
#include <optional>

#include "database/database.hpp"
#include "support/stepped_loop.hpp"

namespace support {

/// Limits of a database that OccupiedStore can fill.
inline database::Config one_at_a_time() {
    database::Config limits;
    limits.readers = 1;
    limits.read_queue_max = 1;
    limits.write_queue_max = 1;
    return limits;
}

/// Keeps the reader and the writer of a database at work, and their queues full: for as long as it
/// is there, whatever is asked is refused at once.
class OccupiedStore {
public:
    explicit OccupiedStore(database::Database& database) : open_(gate_.get_future().share()) {
        auto reader = hold();
        loop_.spawn(database.read<bool>(base::Deadline(), std::move(reader)), ends_[0]);
        enter();
        auto next_read = hold();
        loop_.spawn(database.read<bool>(base::Deadline(), std::move(next_read)), ends_[1]);
        auto writer = hold();
        loop_.spawn(database.write<bool>(base::Deadline(), 0, std::move(writer)), ends_[2]);
        enter();
        auto next_write = hold();
        loop_.spawn(database.write<bool>(base::Deadline(), 0, std::move(next_write)), ends_[3]);
        loop_.begin();
    }
    ~OccupiedStore() {
        gate_.set_value();
        loop_.settle();
    }
    OccupiedStore(const OccupiedStore&) = delete;

private:
    /// Work that says when it has begun, and ends with the object that it is for.
    struct Hold {
        std::shared_ptr<std::promise<void>> begun;
        std::shared_future<void> open;
        base::Result<bool> operator()(database::ReadTransaction&) {
            begun->set_value();
            open.wait();
            return true;
        }
    };
    Hold hold() {
        auto begun = std::make_shared<std::promise<void>>();
        begun_ = begun->get_future();
        return {std::move(begun), open_};
    }
    /// Until what was started last is under way, so that its place in the queue is free.
    void enter() {
        loop_.begin();
        begun_.wait();
    }

    std::promise<void> gate_;
    std::shared_future<void> open_;
    std::future<void> begun_;
    std::array<std::optional<base::Result<bool>>, 4> ends_;
    SteppedLoop loop_;
};

/// For the stages of suites: occupies a store, or leaves it alone.
class Occupation {
public:
    explicit Occupation(database::Database& database) : database_(database) {}
    void operator()(bool refuses) {
        occupied_.reset();
        if (refuses) occupied_ = std::make_shared<OccupiedStore>(database_);
    }

private:
    database::Database& database_;
    std::shared_ptr<OccupiedStore> occupied_;
};

}  // namespace support
