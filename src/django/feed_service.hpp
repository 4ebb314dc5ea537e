#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/loop.hpp"
#include "base/turn.hpp"
#include "feed_rows_service.hpp"
#include "host/environment.hpp"

namespace django {

/// What a bridge in the Django site is told of the articles that are changed here. The rows are
/// made on a thread of its own, one page at a time. Thread-safe.
class FeedService {
public:
    /// `mapping` and `store`: null where no mapping is configured. What is referred to must outlive
    /// it.
    FeedService(std::shared_ptr<const Mapping> mapping, std::shared_ptr<const base::TimeZone> zone,
                const Exported& exported, const Config& config,
                const host::Environment& environment, const OwnerService& owners, FeedStore* store);
    ~FeedService();
    FeedService(const FeedService&) = delete;

    /// Begins to stage the base; without one it does nothing.
    void start();
    /// Ends its thread, behind the page that is being made.
    void stop();

    /// Up to `limit` changes after that position, and after it once more what is newer: all up to
    /// `after` is taken, says who asks. Refused with `no_base`, `base_not_read` while the base is
    /// being read and if it cannot be, `feed_running` while another page is made, `feed_is_behind`
    /// if `after` lies ahead, or as the modules are.
    base::Task<FeedPage> page(std::int64_t after, std::int64_t limit, base::Context context);
    /// One row as it has to be now. Refused as page(), and with `row_not_found`.
    base::Task<FeedChange> row(std::string model, std::string key, base::Context context);

    /// How long the oldest change has waited that was not taken when page() was called last.
    std::chrono::seconds lag() const;

private:
    base::Result<void> ready() const;
    void prepare();
    template <class T, class Make>
    base::Task<T> on_thread(Make make);

    const std::shared_ptr<const Mapping> mapping_;
    const std::shared_ptr<const base::TimeZone> zone_;
    const Exported exported_;
    const Config& config_;
    const std::filesystem::path folder_;
    const base::Clock& clock_;
    const OwnerService& owners_;
    FeedStore* const store_;
    enum class State { absent, reading, ready, failed };
    std::atomic<State> state_{State::absent};
    std::atomic<bool> stop_{false};
    const base::Turn::Taken busy_ = std::make_shared<std::atomic<bool>>(false);
    std::atomic<std::int64_t> waiting_since_{0};  ///< microseconds; 0: nothing waits
    std::optional<FeedRows> rows_;                ///< of the thread
    base::Loop loop_;
    std::optional<boost::asio::executor_work_guard<base::Executor>> work_;  ///< of the thread
    std::thread thread_;
};

}  // namespace django
