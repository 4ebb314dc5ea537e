#include "import_store.hpp"

#include <set>

namespace django {

namespace {

constexpr std::size_t row_bytes = 500;

void insert(database::Transaction& transaction, const ImportReport& report, std::int64_t place,
            base::Time finished_at) {
    const auto& rule = report.rules[static_cast<std::size_t>(place)];
    const auto& all = rule.rule == "users"       ? report.vanished_people
                      : rule.rule == "redirects" ? report.vanished_redirects
                                                 : report.vanished;
    auto vanished = all.models.find(rule.model);
    transaction
        .prepare(
            "insert into imports (model, place, rule, finished_at, source, cut_off, unreadable,"
            " vanished, row_count, added, updated, unchanged, conflicts, left_out, rejected,"
            " checksum) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(1, rule.model)
        .bind(2, place)
        .bind(3, rule.rule)
        .bind(4, base::to_micros(finished_at))
        .bind(5, report.source_kind)
        .bind(6, std::int64_t{report.cut_off})
        .bind(7, report.models.at(rule.model).rejected)
        .bind(8, vanished == all.models.end() ? 0 : vanished->second)
        .bind(9, rule.read)
        .bind(10, rule.added)
        .bind(11, rule.updated)
        .bind(12, rule.unchanged)
        .bind(13, rule.conflicts)
        .bind(14, rule.left_out)
        .bind(15, rule.rejected)
        .bind(16, rule.checksum)
        .run();
}

RuleReport read_rule(const database::Statement& row) {
    RuleReport rule;
    rule.model = row.text(0);
    rule.rule = row.text(1);
    rule.read = row.integer(7);
    rule.added = row.integer(8);
    rule.updated = row.integer(9);
    rule.unchanged = row.integer(10);
    rule.conflicts = row.integer(11);
    rule.left_out = row.integer(12);
    rule.rejected = row.integer(13);
    rule.checksum = row.text(14);
    rule.taken = rule.added + rule.updated + rule.unchanged + rule.conflicts;
    return rule;
}

}  // namespace

base::Task<void> ImportStore::begin() {
    auto work = [](database::Transaction& transaction) -> base::Result<bool> {
        transaction.execute(
            "update pushes set begun_sequence = sequence, begun_refused = refused_since");
        return true;
    };
    auto done = co_await database_.write<bool>(base::Deadline(), row_bytes, work);
    if (!done) co_return done.error();
    co_return base::Result<void>();
}

base::Task<void> ImportStore::keep(ImportReport report, base::Time finished_at) {
    auto bytes = row_bytes * report.rules.size();
    auto work = [report = std::move(report),
                 finished_at](database::Transaction& transaction) -> base::Result<bool> {
        std::set<std::string> told;
        for (std::size_t i = 0; i < report.rules.size(); ++i) {
            const auto& model = report.rules[i].model;
            // A source that has no row of a model says nothing of it.
            if (!report.models.contains(model)) continue;
            if (told.insert(model).second) {
                transaction.prepare("delete from imports where model = ?").bind(1, model).run();
            }
            insert(transaction, report, static_cast<std::int64_t>(i), finished_at);
        }
        transaction.execute(
            "update pushes set imported_sequence = begun_sequence,"
            " refused_since = refused_since - begun_refused, begun_refused = 0");
        return true;
    };
    auto done = co_await database_.write<bool>(base::Deadline(), bytes, std::move(work));
    if (!done) co_return done.error();
    co_return base::Result<void>();
}

base::Task<KeptImports> ImportStore::kept(base::Deadline deadline) const {
    auto work = [](database::ReadTransaction& transaction) -> base::Result<KeptImports> {
        KeptImports kept;
        auto row = transaction.prepare(
            "select model, rule, finished_at, source, cut_off, unreadable, vanished, row_count,"
            " added, updated, unchanged, conflicts, left_out, rejected, checksum from imports"
            " order by model, place");
        while (row.step()) {
            auto& one = kept[std::string(row.text(0))];
            one.finished_at = base::from_micros(row.integer(2));
            one.source = row.text(3);
            one.cut_off = row.integer(4) != 0;
            one.unreadable = row.integer(5);
            one.vanished = row.integer(6);
            one.rules.push_back(read_rule(row));
        }
        return kept;
    };
    co_return co_await database_.read<KeptImports>(deadline, std::move(work));
}

}  // namespace django
