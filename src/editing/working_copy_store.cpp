#include "working_copy_store.hpp"

namespace editing {

namespace {

std::int64_t count_of(database::ReadTransaction& transaction, std::int64_t user) {
    auto row = transaction.prepare("select count(*) from working_copies where user = ?");
    row.bind(1, user);
    row.step();
    return row.integer(0);
}

bool has_one(database::ReadTransaction& transaction, const ArticleName& article,
             std::int64_t user) {
    auto row = transaction.prepare(
        "select 1 from working_copies where news_type = ?1 and article = ?2 and user = ?3");
    row.bind(1, article.news_type).bind(2, article.id).bind(3, user);
    return row.step();
}

}  // namespace

base::Task<WorkingCopy> WorkingCopyStore::put(WorkingCopy copy, std::int64_t user,
                                              base::Deadline deadline) {
    auto bytes = copy.members.size();
    auto work = [this, copy = std::move(copy),
                 user](database::Transaction& transaction) -> base::Result<WorkingCopy> {
        bool is_new = !has_one(transaction, copy.article, user);
        if (is_new && count_of(transaction, user) >= per_user_max_) {
            return base::Error{base::Reason::conflict, "too_many_working_copies",
                               "You have " + std::to_string(per_user_max_) +
                                   " articles with unsaved work, which is the most. Save or "
                                   "discard some of it first: GET /v1/newsroom/working-copies."};
        }
        transaction
            .prepare(
                "insert into working_copies (news_type, article, user, base_version, saved_at,"
                " members) values (?1, ?2, ?3, ?4, ?5, ?6)"
                " on conflict (news_type, article, user) do update"
                " set base_version = ?4, saved_at = ?5, members = ?6")
            .bind(1, copy.article.news_type)
            .bind(2, copy.article.id)
            .bind(3, user)
            .bind(4, copy.base_version)
            .bind(5, base::to_micros(copy.saved_at))
            .bind(6, copy.members)
            .run();
        return copy;
    };
    co_return co_await database_.write<WorkingCopy>(deadline, bytes, std::move(work));
}

base::Task<std::optional<WorkingCopy>> WorkingCopyStore::find(ArticleName article,
                                                              std::int64_t user,
                                                              base::Deadline deadline) const {
    using Found = std::optional<WorkingCopy>;
    auto work = [article = std::move(article),
                 user](database::ReadTransaction& transaction) -> base::Result<Found> {
        auto row = transaction.prepare(
            "select base_version, saved_at, members from working_copies"
            " where news_type = ?1 and article = ?2 and user = ?3");
        row.bind(1, article.news_type).bind(2, article.id).bind(3, user);
        if (!row.step()) return Found();
        return Found(WorkingCopy{article, row.integer(0), base::from_micros(row.integer(1)),
                                 std::string(row.text(2))});
    };
    co_return co_await database_.read<Found>(deadline, std::move(work));
}

base::Task<void> WorkingCopyStore::remove(ArticleName article, std::int64_t user,
                                          base::Deadline deadline) {
    auto work = [article = std::move(article),
                 user](database::Transaction& transaction) -> base::Result<void> {
        transaction
            .prepare(
                "delete from working_copies"
                " where news_type = ?1 and article = ?2 and user = ?3")
            .bind(1, article.news_type)
            .bind(2, article.id)
            .bind(3, user)
            .run();
        return {};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(work));
}

base::Task<std::vector<WorkingCopy>> WorkingCopyStore::of_user(std::int64_t user,
                                                               base::Deadline deadline) const {
    using All = std::vector<WorkingCopy>;
    auto work = [user](database::ReadTransaction& transaction) -> base::Result<All> {
        All all;
        auto row = transaction.prepare(
            "select news_type, article, base_version, saved_at from working_copies"
            " where user = ? order by saved_at desc");
        row.bind(1, user);
        while (row.step()) {
            all.push_back({{std::string(row.text(0)), row.integer(1)},
                           row.integer(2),
                           base::from_micros(row.integer(3)),
                           {}});
        }
        return all;
    };
    co_return co_await database_.read<All>(deadline, std::move(work));
}

}  // namespace editing
