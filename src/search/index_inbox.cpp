#include "index_inbox.hpp"

#include "telemetry/log.hpp"

namespace search {

namespace {

constexpr std::chrono::seconds renewal_pause{5};
constexpr std::int64_t forgotten_at_once = 100;

}  // namespace

std::string subscription_of(const std::string& news_type) {
    return "news-" + news_type;
}

base::Task<void> forget_heard(database::Database& database, std::string news_type) {
    auto work = [name = subscription_of(news_type)](
                    database::Transaction& transaction) -> base::Result<void> {
        bus::write_cursor(transaction, name, {});
        bus::forget_parked(transaction, name);
        return {};
    };
    co_return co_await database.write<void>(base::Deadline(), 0, std::move(work));
}

base::Task<bool> forget_some(database::Database& database, std::string news_type,
                             std::string language) {
    auto work = [news_type = std::move(news_type), language = std::move(language)](
                    database::Transaction& transaction) -> base::Result<bool> {
        return forget(transaction, news_type, language, forgotten_at_once);
    };
    co_return co_await database.write<bool>(base::Deadline(), 0, std::move(work));
}

base::Task<void> IndexFile::renew_if_lost() {
    auto usable = database_.usable();
    if (usable) co_return base::Result<void>();
    auto now = clock_.steady();
    if (is_under_way_ || now < next_) co_return usable.error();
    next_ = now + renewal_pause;
    is_under_way_ = true;
    auto renewed = co_await database_.renew();
    is_under_way_ = false;
    if (!renewed) co_return renewed.error();
    ++renewals_;
    co_return base::Result<void>();
}

IndexInbox::IndexInbox(std::string news_type, std::string language, database::Database& database,
                       IndexFile& file, bus::Subscriber& projector, const base::Clock& clock)
    : StoreInbox(subscription_of(news_type), database, projector, clock, Released::whole_stream),
      news_type_(std::move(news_type)),
      language_(std::move(language)),
      database_(database),
      file_(file) {}

base::Task<bus::Progress> IndexInbox::load() {
    auto progress = co_await StoreInbox::load();
    if (progress) is_filling_.store(progress->cursor.position < wanted_);
    co_return progress;
}

base::Task<std::vector<bus::Deferred>> IndexInbox::apply(std::shared_ptr<const bus::Batch> batch) {
    auto end = batch->end.position;
    auto applied = co_await StoreInbox::apply(std::move(batch));
    if (applied) has_come_to(end);
    co_return applied;
}

base::Task<void> IndexInbox::park(bus::Event event, std::string error) {
    auto position = event.position;
    auto parked = co_await StoreInbox::park(std::move(event), std::move(error));
    if (parked) has_come_to(position);
    co_return parked;
}

void IndexInbox::has_come_to(std::int64_t position) {
    if (position >= wanted_) is_filling_.store(false);
}

bool IndexInbox::is_lost() const {
    return !file_.is_usable() || renewal_ != file_.renewals();
}

base::Task<bus::Cursor> IndexInbox::begin_anew(const bus::Feed& feed) {
    auto renewed = co_await file_.renew_if_lost();
    if (!renewed) co_return renewed.error();
    renewal_ = file_.renewals();
    wanted_ = feed.head().value();
    is_filling_.store(wanted_ > 0);
    telemetry::log(telemetry::Level::warning, "search", "the index is made anew",
                   {{"type", news_type_}, {"events", wanted_}});
    bool more = true;
    while (more) {
        auto forgotten = co_await forget_some(database_, news_type_, language_);
        if (!forgotten) co_return forgotten.error();
        more = *forgotten;
    }
    co_return co_await StoreInbox::begin_anew(feed);
}

}  // namespace search
