#include "push_store.hpp"

namespace django {

base::Task<PushStore::Taken> PushStore::taken(std::string source, base::Deadline deadline) const {
    auto work = [source = std::move(source)](
                    database::ReadTransaction& transaction) -> base::Result<Taken> {
        auto row = transaction.prepare("select sequence, refused from pushes where source = ?");
        row.bind(1, source);
        if (!row.step()) return Taken();
        return Taken{row.integer(0), std::string(row.text(1))};
    };
    co_return co_await database_.read<Taken>(deadline, std::move(work));
}

base::Task<void> PushStore::put(std::string source, Taken taken, std::int64_t newly_refused) {
    auto bytes = taken.refused.size();
    auto work = [source = std::move(source), taken = std::move(taken), newly_refused,
                 now = base::to_micros(clock_.now())](
                    database::Transaction& transaction) -> base::Result<bool> {
        transaction
            .prepare(
                "insert into pushes (source, sequence, refused, pushed_at, refused_since)"
                " values (?1, ?2, ?3, ?4, ?5) on conflict (source) do update set sequence = ?2,"
                " refused = ?3, pushed_at = ?4, refused_since = refused_since + ?5")
            .bind(1, source)
            .bind(2, taken.sequence)
            .bind(3, taken.refused)
            .bind(4, now)
            .bind(5, newly_refused)
            .run();
        return true;
    };
    auto done = co_await database_.write<bool>(base::Deadline(), bytes, std::move(work));
    if (!done) co_return done.error();
    co_return base::Result<void>();
}

base::Task<std::vector<PushStore::Outbox>> PushStore::outboxes(base::Deadline deadline) const {
    using All = std::vector<Outbox>;
    auto work = [](database::ReadTransaction& transaction) -> base::Result<All> {
        All all;
        auto row = transaction.prepare(
            "select source, sequence, refused, pushed_at, sequence - imported_sequence,"
            " refused_since from pushes order by pushed_at desc limit 100");
        while (row.step()) {
            all.push_back({std::string(row.text(0)),
                           {row.integer(1), std::string(row.text(2))},
                           base::from_micros(row.integer(3)),
                           row.integer(4),
                           row.integer(5)});
        }
        return all;
    };
    co_return co_await database_.read<All>(deadline, std::move(work));
}

database::StoreFile push_store_file(const std::filesystem::path& folder) {
    return {"django", folder / "django.db", database::StoreKind::other};
}

}  // namespace django
