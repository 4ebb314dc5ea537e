#include "item_service.hpp"

#include "item_store.hpp"
#include "news/queries.hpp"

namespace news {

namespace {

ItemStore::Scope scope_of(const base::Actor& actor, bool mine) {
    return {actor.role >= base::Role::editor && !mine, actor.subject()};
}

}  // namespace

ItemService::ItemService(database::Database& view, std::string news_type,
                         std::function<base::Result<void>()> ready)
    : view_(view), news_type_(std::move(news_type)), ready_(std::move(ready)) {}

base::Result<void> ItemService::admit(const base::Context& context) const {
    if (context.actor.role >= base::Role::author) return ready_();
    return base::Error{base::Reason::forbidden, "forbidden",
                       "Only those who write news may see what is being written."};
}

base::Task<ItemsPage> ItemService::items(ItemsQuestion question, base::Context context) const {
    auto admitted = admit(context);
    if (!admitted) co_return admitted.error();
    auto scope = scope_of(context.actor, question.mine);
    auto work = [this, scope, question = std::move(question)](
                    database::ReadTransaction& view) -> base::Result<ItemsPage> {
        return ItemStore(view, active_slot(view), news_type_, scope).list(question);
    };
    co_return co_await view_.read<ItemsPage>(context.deadline, std::move(work));
}

base::Task<std::vector<Item>> ItemService::items_by_id(std::vector<ArticleId> ids,
                                                       base::Context context) const {
    using Found = std::vector<Item>;
    if (ids.size() > several_max) {
        co_return base::Error{
            base::Reason::invalid, "too_many_ids",
            "At most " + std::to_string(several_max) + " items may be asked for at once."};
    }
    auto admitted = admit(context);
    if (!admitted) co_return admitted.error();
    auto scope = scope_of(context.actor, false);
    auto work = [this, scope,
                 ids = std::move(ids)](database::ReadTransaction& view) -> base::Result<Found> {
        return ItemStore(view, active_slot(view), news_type_, scope).by_id(ids);
    };
    co_return co_await view_.read<Found>(context.deadline, std::move(work));
}

base::Task<ItemCounts> ItemService::item_counts(bool mine, base::Context context) const {
    auto admitted = admit(context);
    if (!admitted) co_return admitted.error();
    auto scope = scope_of(context.actor, mine);
    auto work = [this, scope](database::ReadTransaction& view) -> base::Result<ItemCounts> {
        return ItemStore(view, active_slot(view), news_type_, scope).count();
    };
    co_return co_await view_.read<ItemCounts>(context.deadline, std::move(work));
}

}  // namespace news
