// Several commands in one transaction: each decided as it is by itself, on what the one before has
// left.
#include "command_service.hpp"
#include "news/batch.hpp"

namespace news {

namespace {

/// About what a command writes.
std::size_t bytes_of(const BatchCommand& command) {
    constexpr std::size_t about = 600;
    if (const auto* create = std::get_if<CreateInBatch>(&command)) {
        return about + create->article.content.size();
    }
    if (const auto* revise = std::get_if<ReviseInBatch>(&command)) {
        return about + revise->revision.content.value_or("").size();
    }
    return about;
}

/// The article of a command, and how it is dealt with; 0: a new one.
struct Aim {
    ArticleId id = 0;
    Step step = Step::revise;
    std::optional<Expected> expected{};
};

Aim aim_of(const BatchCommand& command, base::Time now) {
    struct Visitor {
        base::Time now;
        Aim operator()(const CreateInBatch&) const { return {}; }
        Aim operator()(const ReviseInBatch& one) const {
            return {one.id, Step::revise, one.expected};
        }
        Aim operator()(const PublishInBatch& one) const {
            bool is_ahead = one.at && *one.at > now;
            return {one.id, is_ahead ? Step::schedule : Step::publish, one.expected};
        }
        Aim operator()(const UnpublishInBatch& one) const {
            return {one.id, Step::unpublish, one.expected};
        }
        Aim operator()(const RemoveInBatch& one) const {
            return {one.id, Step::remove, one.expected};
        }
    };
    return std::visit(Visitor{now}, command);
}

/// What is decided of the article as it is then; `dropped`: what its content lost by that.
base::Result<Event> decision(const BatchCommand& command, const EventStore::Loaded& loaded,
                             base::Time now, const std::vector<std::string>& embeds,
                             std::vector<Dropped>& dropped) {
    const auto& state = *loaded.state;
    if (const auto* one = std::get_if<ReviseInBatch>(&command)) {
        return revise(state, loaded.content, one->revision, now, embeds, &dropped);
    }
    if (const auto* one = std::get_if<PublishInBatch>(&command))
        return publish(state, one->at, now);
    if (std::holds_alternative<RemoveInBatch>(command)) return Event(ArticleRemoved{});
    auto unpublished = unpublish(state);
    if (!unpublished) return unpublished.error();
    return Event(*unpublished);
}

}  // namespace

base::Result<EventStore::Together> CommandService::together(
    BatchCommand one, const Command& command, base::Time now,
    std::shared_ptr<std::vector<Dropped>> dropped) const {
    auto aim = aim_of(one, now);
    if (auto* create = std::get_if<CreateInBatch>(&one)) {
        auto checked = admit_and_check(std::move(create->article), command.context.actor, now);
        if (!checked) return checked.error();
        *dropped = checked->dropped();
        Event created(news::create(*checked, now));
        auto decide = [created = std::move(created)](const Loaded&) -> base::Result<Event> {
            return created;
        };
        return EventStore::Together{0, std::move(decide)};
    }
    Command mine;
    mine.context = command.context;
    mine.expected = aim.expected;
    auto decide = [this, step = aim.step, mine = std::move(mine), one = std::move(one), now,
                   dropped = std::move(dropped)](const Loaded& loaded) {
        Decide by_rules = [&](const Loaded& with, base::Time at) {
            return decision(one, with, at, embeds_, *dropped);
        };
        return decide_on(loaded, step, mine, by_rules, now);
    };
    return EventStore::Together{aim.id, std::move(decide)};
}

base::Task<std::vector<Article>> CommandService::articles_again(std::vector<MadeInBatch> made,
                                                                base::Context context) const {
    std::vector<Article> all;
    for (const auto& [id, version] : made) {
        bus::AnsweredCall call{id, version, {}};
        auto one = co_await article_again(std::move(call), context);
        if (!one) co_return one.error();
        all.push_back(std::move(*one));
    }
    co_return all;
}

base::Task<std::vector<Article>> CommandService::batch(std::vector<BatchCommand> batch,
                                                       Command command) {
    if (batch.empty() || batch.size() > batch_commands_max) {
        co_return base::Error{
            base::Reason::invalid, "invalid_batch",
            "A batch has 1 to " + std::to_string(batch_commands_max) + " commands."};
    }
    if (command.idempotency_key) {
        auto before = co_await store_.answered(command);
        if (!before) co_return before.error();
        if (*before) {
            auto made = made_in((*before)->answer);
            co_return co_await articles_again(std::move(made), command.context);
        }
    }
    auto now = clock_.now();
    std::vector<EventStore::Together> changes;
    std::vector<std::shared_ptr<std::vector<Dropped>>> dropped;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        bytes += bytes_of(batch[i]);
        auto aim = aim_of(batch[i], now);
        if (aim.id != 0) {
            Command plain;
            plain.context = command.context;
            plain.expected = aim.expected;
            Needs nothing;
            auto loaded = co_await store_.load(aim.id, plain, nothing);
            if (!loaded) co_return in_batch(loaded.error(), i);
            if (loaded->archived) {
                auto back = co_await bring_back(std::move(*loaded->archived), plain, aim.step);
                if (!back) co_return in_batch(back.error(), i);
            }
        }
        dropped.push_back(std::make_shared<std::vector<Dropped>>());
        auto change = together(std::move(batch[i]), command, now, dropped.back());
        if (!change) co_return in_batch(change.error(), i);
        changes.push_back(std::move(*change));
    }
    auto done = co_await store_.append_together(std::move(changes), command, now, bytes);
    if (!done) co_return done.error();
    if (done->repeated) co_return co_await articles_again(std::move(done->made), command.context);
    co_await applied_.reached(done->all.back().position, clock_, view_wait_);
    std::vector<Article> all;
    for (std::size_t i = 0; i < done->all.size(); ++i) {
        auto& one = done->all[i];
        all.push_back(article_of(std::move(one.state), std::move(done->contents[i]), news_type_));
        all.back().dropped = std::move(*dropped[i]);
    }
    co_return all;
}

}  // namespace news
