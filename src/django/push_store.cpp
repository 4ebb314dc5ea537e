#include "push_store.hpp"

namespace django {

base::Task<std::int64_t> PushStore::last_sequence(std::string source,
                                                  base::Deadline deadline) const {
    auto work = [source = std::move(source)](
                    database::ReadTransaction& transaction) -> base::Result<std::int64_t> {
        auto row = transaction.prepare("select sequence from pushes where source = ?");
        row.bind(1, source);
        return row.step() ? row.integer(0) : 0;
    };
    co_return co_await database_.read<std::int64_t>(deadline, std::move(work));
}

base::Task<void> PushStore::put(std::string source, std::int64_t sequence) {
    auto work = [source = std::move(source), sequence, now = base::to_micros(clock_.now())](
                    database::Transaction& transaction) -> base::Result<bool> {
        transaction
            .prepare(
                "insert into pushes (source, sequence, pushed_at) values (?1, ?2, ?3)"
                " on conflict (source) do update set sequence = case when sequence < ?2 then ?2 "
                "else sequence end, pushed_at = ?3")
            .bind(1, source)
            .bind(2, sequence)
            .bind(3, now)
            .run();
        return true;
    };
    auto done = co_await database_.write<bool>(base::Deadline(), 0, std::move(work));
    if (!done) co_return done.error();
    co_return base::Result<void>();
}

database::StoreFile push_store_file(const std::filesystem::path& folder) {
    return {"django", folder / "django.db", database::StoreKind::other};
}

}  // namespace django
