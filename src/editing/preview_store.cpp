#include "preview_store.hpp"

#include "base/hmac.hpp"

namespace editing {

namespace {

std::optional<std::string> stored_key(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select key from preview_key where id = 1");
    if (!row.step()) return std::nullopt;
    return std::string(row.text(0));
}

}  // namespace

std::string PreviewStore::remembered() const {
    std::lock_guard lock(mutex_);
    return known_;
}

void PreviewStore::remember(const std::string& key) {
    std::lock_guard lock(mutex_);
    known_ = key;
}

base::Task<std::string> PreviewStore::key(base::Deadline deadline) {
    auto known = remembered();
    if (!known.empty()) co_return known;
    auto work = [this](database::Transaction& transaction) -> base::Result<std::string> {
        auto fresh = base::make_signing_key();
        transaction
            .prepare("insert into preview_key (id, key) values (1, ?) on conflict (id) do nothing")
            .bind(1, fresh)
            .run();
        auto key = stored_key(transaction);
        if (!key) transaction.damaged("the key of preview links is missing");
        transaction.after_commit([this, key = *key] { remember(key); });
        return *key;
    };
    co_return co_await database_.write<std::string>(deadline, 0, std::move(work));
}

base::Task<std::optional<std::string>> PreviewStore::known_key(base::Deadline deadline) {
    using Key = std::optional<std::string>;
    auto known = remembered();
    if (!known.empty()) co_return Key(std::move(known));
    // Not remembered: somebody may be replacing it.
    auto work = [](database::ReadTransaction& transaction) -> base::Result<Key> {
        return stored_key(transaction);
    };
    co_return co_await database_.read<Key>(deadline, std::move(work));
}

base::Task<void> PreviewStore::replace_key(base::Deadline deadline) {
    auto work = [this](database::Transaction& transaction) -> base::Result<void> {
        auto key = base::make_signing_key();
        transaction
            .prepare(
                "insert into preview_key (id, key) values (1, ?1)"
                " on conflict (id) do update set key = ?1")
            .bind(1, key)
            .run();
        transaction.after_commit([this, key] { remember(key); });
        return {};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(work));
}

base::Task<void> PreviewStore::end_links(ArticleName article, base::Deadline deadline) {
    auto work = [this, article = std::move(article)](
                    database::Transaction& transaction) -> base::Result<void> {
        end_preview_links(transaction, article, clock_.now(), links_life_);
        return {};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(work));
}

base::Task<std::optional<base::Time>> PreviewStore::ended(ArticleName article,
                                                          base::Deadline deadline) const {
    using Ended = std::optional<base::Time>;
    auto work = [article = std::move(article)](
                    database::ReadTransaction& transaction) -> base::Result<Ended> {
        auto row = transaction.prepare(
            "select at from preview_ends where news_type = ?1 and article = ?2");
        row.bind(1, article.news_type).bind(2, article.id);
        if (!row.step()) return Ended();
        return Ended(base::from_micros(row.integer(0)));
    };
    co_return co_await database_.read<Ended>(deadline, std::move(work));
}

void end_preview_links(database::Transaction& transaction, const ArticleName& article,
                       base::Time now, std::chrono::hours links_life) {
    transaction
        .prepare(
            "insert into preview_ends (news_type, article, at) values (?1, ?2, ?3)"
            " on conflict (news_type, article) do update set at = ?3 where at < ?3")
        .bind(1, article.news_type)
        .bind(2, article.id)
        .bind(3, base::to_micros(now))
        .run();
    transaction.prepare("delete from preview_ends where at < ?")
        .bind(1, base::to_micros(now - links_life))
        .run();
}

}  // namespace editing
