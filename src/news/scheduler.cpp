#include "scheduler.hpp"

#include <algorithm>

#include "article_store.hpp"
#include "base/ids.hpp"
#include "import_store.hpp"
#include "resilience/gather.hpp"
#include "telemetry/log.hpp"
#include "workflow_store.hpp"

namespace news {

namespace {

constexpr std::int64_t at_once_max = 100;
constexpr auto forget_interval = std::chrono::minutes(10);

/// What one look finds.
struct Found {
    std::vector<Due> workflow;
    std::vector<Due> drafts;
};

std::vector<ArticleId> ids_of(const Found& found) {
    std::vector<ArticleId> ids;
    for (const auto& due : found.workflow) ids.push_back(due.id);
    for (const auto& due : found.drafts) {
        if (std::find(ids.begin(), ids.end(), due.id) == ids.end()) ids.push_back(due.id);
    }
    return ids;
}

/// Has the next look go on behind these if there may be more, else begin anew.
bool goes_on(const std::vector<Due>& found, Due& after) {
    bool is_full = std::ssize(found) == at_once_max;
    after = is_full ? found.back() : Due();
    return is_full;
}

bool is_done(const base::Result<bool>& result) {
    return result.has_value();
}

const char* sentence_of(const std::string& event) {
    if (event == name_of(Event(ArticleUnpublished{}))) return "a news item has expired";
    if (event == name_of(Event(ArticleEmbargoEnded{}))) return "the embargo on a news item ends";
    return "a scheduled news item is published";
}

/// Somebody was faster, or has taken the article away.
bool is_over(const base::Error& error) {
    for (const char* code : {"nothing_due", "news_not_found", "killed"}) {
        if (error.code == code) return true;
    }
    return false;
}

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

base::Task<bool> Scheduler::do_due() {
    auto work = [this](database::ReadTransaction& transaction) -> base::Result<Found> {
        auto slot = active_slot(transaction);
        auto now = clock_.now();
        ArticleStore store(transaction, slot, news_type_);
        return Found{due_in_workflow(transaction, slot, now, workflow_after_, at_once_max),
                     store.due(now, drafts_after_, at_once_max)};
    };
    auto found = co_await view_.read<Found>(base::Deadline(), std::move(work));
    if (!found) co_return found.error();
    // What has expired comes before what would be published at the same time.
    auto ids = ids_of(*found);
    bool is_more = goes_on(found->workflow, workflow_after_);
    is_more = goes_on(found->drafts, drafts_after_) || is_more;
    std::vector<base::Task<bool>> tasks;
    for (auto id : ids) tasks.push_back(do_one(id));
    // Together, so that the store commits many at once.
    auto all = co_await resilience::gather(base::Deadline(), std::move(tasks));
    if (!all) co_return all.error();
    co_return is_more&& std::any_of(all->begin(), all->end(), is_done);
}

base::Task<bool> Scheduler::do_one(ArticleId id) {
    Command command;
    command.context.actor.role = base::Role::admin;
    command.context.request_id = scheduler_request_prefix;
    command.context.request_id += base::make_uuid_v7(clock_.now());
    std::string request_id = command.context.request_id;
    auto done = co_await commands_.do_due(id, std::move(command));
    if (done) {
        telemetry::log(telemetry::Level::info, "news", sentence_of(*done),
                       {{"type", news_type_}, {"id", id}}, request_id);
        co_return true;
    }
    if (!is_over(done.error())) {
        telemetry::log(
            telemetry::Level::warning, "news", "what is due for a news item cannot be done yet",
            {{"type", news_type_}, {"id", id}, {"error", done.error().code}}, request_id);
    }
    co_return done.error();
}

base::Task<void> Scheduler::run() {
    auto forget_next = clock_.steady();
    while (!stopping_.load()) {
        auto done = co_await do_due();
        auto refused_as = done ? std::string() : done.error().code;
        if (refused_as != std::exchange(refused_as_, refused_as) && !done) {
            telemetry::log(telemetry::Level::warning, "news", "the schedule cannot be read",
                           {{"type", news_type_}, {"error", done.error().code}});
        }
        if (clock_.steady() >= forget_next) {
            co_await events_.forget_answered();
            forget_next = clock_.steady() + forget_interval;
        }
        bool is_more = done && *done;
        if (!is_more && !stopping_.load()) co_await timer_.pause(interval_);
    }
    co_return base::Result<void>();
}

}  // namespace news
