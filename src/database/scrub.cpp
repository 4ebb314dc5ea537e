#include "scrub.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/thread.hpp"
#include "telemetry/log.hpp"

namespace database {

namespace {

/// Read at once; then it waits as long as they may take.
constexpr std::int64_t pages_at_once = 32;
constexpr std::size_t named_max = 10;

/// Of the processor and of the disk; where that cannot be had it still reads little at a time.
void take_lowest_priority() {
    constexpr int nicest = 19;
    constexpr int of_thread = 1;
    constexpr int idle = 3 << 13;
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), nicest);
    ::syscall(SYS_ioprio_set, of_thread, 0, idle);
}

}  // namespace

Scrub::Scrub(std::shared_ptr<const Options> options, std::unique_ptr<Connection> connection,
             Condition& condition)
    : options_(std::move(options)), connection_(std::move(connection)), condition_(condition) {
    if (auto* metrics = options_->metrics) {
        damaged_total_ =
            &metrics->counter("portal_database_damaged_pages_total",
                              "Pages that a scrub has found damaged.", {{"file", options_->name}});
    }
    thread_ = std::thread([this] { loop(); });
}

Scrub::~Scrub() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

bool Scrub::pause(std::chrono::nanoseconds time) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, time, [this] { return stopping_; });
}

void Scrub::loop() {
    base::name_thread("scrub");
    take_lowest_priority();
    auto wait = std::chrono::nanoseconds(options_->scrub_after);
    while (pause(wait)) {
        auto begun = std::chrono::steady_clock::now();
        try {
            pass();
        } catch (const std::exception& failure) {
            telemetry::log(telemetry::Level::error, "database", "a store could not be read through",
                           {{"file", options_->name}, {"error", failure.what()}});
        }
        auto took = std::chrono::steady_clock::now() - begun;
        wait = std::chrono::hours(options_->limits.scrub_every_h);
        wait = took < wait ? wait - took : std::chrono::nanoseconds(0);
    }
}

void Scrub::pass() {
    std::set<std::int64_t> damaged;
    auto rest = std::chrono::nanoseconds(std::chrono::seconds(1)) /
                options_->limits.scrub_pages_per_second * pages_at_once;
    std::int64_t next = 1;
    for (bool more = true; more;) {
        auto look = connection_->look_at_pages(next, pages_at_once);
        for (auto page : look.damaged) {
            damaged.insert(page);
            note(page);
        }
        if (!look.damaged.empty() && options_->if_unusable == IfUnusable::set_aside) {
            condition_.fail(
                {FailureKind::damaged, options_->file.filename().string() + ": page " +
                                           std::to_string(look.damaged.front()) +
                                           " is not what was written (found by a scrub)"});
            return;
        }
        next += pages_at_once;
        more = next <= look.pages;
        if (more && !pause(rest)) return;
    }
    std::lock_guard lock(mutex_);
    // A page that was written anew since is whole.
    damaged_ = std::move(damaged);
}

void Scrub::note(std::int64_t page) {
    {
        std::lock_guard lock(mutex_);
        if (!damaged_.insert(page).second) return;
    }
    if (damaged_total_) damaged_total_->add();
    telemetry::log(telemetry::Level::error, "database",
                   "a page of a store is damaged: it is not what was written. What stands on it "
                   "is not served; see docs/reliability.md",
                   {{"file", options_->name}, {"page", page}});
}

std::string Scrub::warning() const {
    std::lock_guard lock(mutex_);
    if (damaged_.empty()) return "";
    std::string pages;
    std::size_t named = 0;
    for (auto page : damaged_) {
        if (named == named_max) {
            pages += " and others";
            break;
        }
        pages += (named++ > 0 ? ", " : " ") + std::to_string(page);
    }
    return "the store " + options_->name + " is damaged in its pages" + pages;
}

}  // namespace database
