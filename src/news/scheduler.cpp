#include "scheduler.hpp"

#include "article_store.hpp"
#include "base/ids.hpp"
#include "import_store.hpp"
#include "telemetry/log.hpp"

namespace news {

namespace {

constexpr std::int64_t at_once_max = 100;
constexpr auto forget_interval = std::chrono::minutes(10);
using Ids = std::vector<ArticleId>;

}  // namespace

Scheduler::Scheduler(database::Database& view, EventStore& events, CommandService& commands,
                     const base::Clock& clock, std::string news_type,
                     std::chrono::milliseconds interval, base::Executor executor)
    : view_(view),
      events_(events),
      commands_(commands),
      clock_(clock),
      news_type_(std::move(news_type)),
      interval_(interval),
      timer_(clock, executor) {}

void Scheduler::stop() {
    stopping_.store(true);
    timer_.cancel();
}

base::Task<std::int64_t> Scheduler::publish_due() {
    auto work = [this](database::ReadTransaction& transaction) -> base::Result<Ids> {
        ArticleStore store(transaction, active_slot(transaction), news_type_);
        return store.due(clock_.now(), at_once_max);
    };
    auto due = co_await view_.read<Ids>(base::Deadline(), std::move(work));
    if (!due) co_return due.error();
    std::int64_t published = 0;
    for (auto id : *due) {
        Command command;
        command.context.actor.role = base::Role::admin;
        command.context.request_id = scheduler_request_prefix;
        command.context.request_id += base::make_uuid_v7(clock_.now());
        std::string request_id = command.context.request_id;
        auto article = co_await commands_.publish_due(id, std::move(command));
        if (article) {
            ++published;
            telemetry::log(telemetry::Level::info, "news", "a scheduled news item is published",
                           {{"type", news_type_}, {"id", id}}, request_id);
        } else if (article.error().code != "not_scheduled") {
            telemetry::log(
                telemetry::Level::warning, "news", "a scheduled news item cannot be published yet",
                {{"type", news_type_}, {"id", id}, {"error", article.error().code}}, request_id);
        }
    }
    co_return published;
}

base::Task<void> Scheduler::run() {
    auto forget_next = clock_.steady();
    while (!stopping_.load()) {
        auto published = co_await publish_due();
        auto refused_as = published ? std::string() : published.error().code;
        if (refused_as != std::exchange(refused_as_, refused_as) && !published) {
            telemetry::log(telemetry::Level::warning, "news", "the schedule cannot be read",
                           {{"type", news_type_}, {"error", published.error().code}});
        }
        if (clock_.steady() >= forget_next) {
            co_await events_.forget_answered();
            forget_next = clock_.steady() + forget_interval;
        }
        if (!stopping_.load()) co_await timer_.pause(interval_);
    }
    co_return base::Result<void>();
}

}  // namespace news
