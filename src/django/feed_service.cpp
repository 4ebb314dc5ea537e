#include "feed_service.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/thread.hpp"
#include "telemetry/log.hpp"

namespace django {

namespace {

using base::Error;
using base::Reason;
using telemetry::Level;

Error feed_running() {
    return {Reason::unavailable, "feed_running",
            "Another page of the feed is being made. Ask again."};
}

}  // namespace

FeedService::FeedService(std::shared_ptr<const Mapping> mapping,
                         std::shared_ptr<const base::TimeZone> zone, const Exported& exported,
                         const Config& config, const host::Environment& environment,
                         const OwnerService& owners, FeedStore* store)
    : mapping_(std::move(mapping)),
      zone_(std::move(zone)),
      exported_(exported),
      config_(config),
      folder_(environment.folder),
      clock_(environment.clock),
      owners_(owners),
      store_(store) {}

FeedService::~FeedService() {
    stop();
}

void FeedService::start() {
    if (!mapping_ || config_.base.empty()) return;
    state_ = State::reading;
    rows_.emplace(FeedRows::Parts{config_, folder_, *mapping_, *zone_, exported_, *store_, owners_,
                                  clock_, stop_});
    work_.emplace(loop_.get_executor());
    thread_ = std::thread([this] {
        base::name_thread("django-feed");
        prepare();
        loop_.run();
        loop_.drain();
    });
}

void FeedService::stop() {
    stop_ = true;
    if (!thread_.joinable()) return;
    boost::asio::post(loop_, [this] { work_.reset(); });
    thread_.join();
}

void FeedService::prepare() {
    auto prepared = base::Result<void>();
    try {
        prepared = rows_->prepare();
    } catch (const std::exception& failure) {
        prepared = Error{Reason::unavailable, "base_not_read", failure.what()};
    }
    state_ = prepared ? State::ready : State::failed;
    if (prepared || stop_) return;
    telemetry::log(Level::error, "django", "the base of the feed cannot be used",
                   {{"base", config_.base}, {"error", prepared.error().message}});
}

base::Result<void> FeedService::ready() const {
    switch (state_.load()) {
        case State::ready:
            return {};
        case State::reading:
            return Error{Reason::unavailable, "base_not_read",
                         "django.base is still being read. Ask again."};
        case State::failed:
            return Error{Reason::unavailable, "base_not_read",
                         "django.base cannot be used; the log of portal says why."};
        case State::absent:
            break;
    }
    return Error{Reason::conflict, "no_base",
                 "django.mapping and django.base in the configuration name no mapping and no base, "
                 "so what the rows of the Django site have to be is not known."};
}

template <class T, class Make>
base::Task<T> FeedService::on_thread(Make make) {
    auto start = [this, moved = std::move(make)](base::Completion<T> completion) mutable {
        auto shared = std::make_shared<base::Completion<T>>(std::move(completion));
        boost::asio::post(loop_, [shared, make = std::move(moved)]() mutable {
            auto made = base::Result<T>(Error{Reason::unavailable, "feed_failed",
                                              "The rows cannot be made now. Ask again."});
            try {
                made = make();
            } catch (const std::exception& failure) {
                telemetry::log(Level::error, "django", "a page of the feed cannot be made",
                               {{"error", failure.what()}});
            }
            (*shared)(std::move(made));
        });
    };
    return base::suspend<T>(std::move(start));
}

base::Task<FeedPage> FeedService::page(std::int64_t after, std::int64_t limit,
                                       base::Context context) {
    auto can = ready();
    if (!can) co_return can.error();
    base::Turn turn(busy_);
    if (!turn.is_mine()) co_return feed_running();
    auto entries = co_await store_->after(after, limit, context.deadline);
    if (!entries) co_return entries.error();
    if (after > entries->head) {
        co_return Error{Reason::conflict, "feed_is_behind",
                        "The feed ends at " + std::to_string(entries->head) +
                            ": portal has an older state than who asks. Begin at 0."};
    }
    const auto& first = entries->entries;
    waiting_since_ = first.empty() ? 0 : base::to_micros(first.front().changed_at);
    auto make = [this, after, entries = std::move(*entries), deadline = context.deadline] {
        return rows_->page(entries, after, deadline);
    };
    auto page = co_await on_thread<FeedPage>(std::move(make));
    if (page) page->lag = lag();
    co_return page;
}

base::Task<FeedChange> FeedService::row(std::string model, std::string key, base::Context context) {
    auto can = ready();
    if (!can) co_return can.error();
    base::Turn turn(busy_);
    if (!turn.is_mine()) co_return feed_running();
    auto make = [this, model = std::move(model), key = std::move(key),
                 deadline = context.deadline] { return rows_->row(model, key, deadline); };
    co_return co_await on_thread<FeedChange>(std::move(make));
}

std::chrono::seconds FeedService::lag() const {
    auto since = waiting_since_.load();
    if (since == 0) return {};
    auto waited = clock_.now() - base::from_micros(since);
    return std::max(std::chrono::duration_cast<std::chrono::seconds>(waited),
                    std::chrono::seconds(0));
}

}  // namespace django
