#include "library_service.hpp"

#include "rules.hpp"
#include "telemetry/log.hpp"

namespace media {

base::Task<Item> LibraryService::item(ItemId id, base::Context context) const {
    auto actor = context.actor;
    auto item = co_await store_.item(id, std::move(context));
    if (item && !may_see(*item, actor)) co_return item_not_found();
    co_return item;
}

base::Task<std::vector<Item>> LibraryService::list(ListQuestion question,
                                                   base::Context context) const {
    co_return co_await store_.list(question, std::move(context));
}

base::Task<Item> LibraryService::add(Bytes bytes, Description description, Focus focus,
                                     base::Command command) {
    auto trimmed = checked(description, focus);
    if (!trimmed) co_return trimmed.error();
    co_return co_await store_.add(std::move(bytes), std::move(*trimmed), focus, std::move(command));
}

base::Task<Changed> LibraryService::change(ItemId id, Change change, base::Command command) {
    co_return co_await store_.change(id, std::move(change), std::move(command));
}

base::Task<void> LibraryService::remove(ItemId id, base::Command command) {
    auto context = command.context;
    auto removed = co_await store_.remove(id, std::move(command));
    if (!removed) co_return removed.error();
    std::function<bool()> is_used = [&store = store_, sha256 = *removed] {
        return store.has_bytes(sha256);
    };
    // The item is gone whatever comes of this: what is left is told of at the next start.
    auto gone = co_await files_.remove(*removed, std::move(is_used));
    base::Result<void> forgotten;
    if (gone && *gone) forgotten = co_await renditions_.forget(*removed);
    if (!gone || !forgotten) {
        const auto& error = gone ? forgotten.error() : gone.error();
        telemetry::log(telemetry::Level::warning, "media", "bytes are left over",
                       {{"error", error.message}}, context);
    }
    co_return base::Result<void>();
}

}  // namespace media
