#include "engines.hpp"

namespace tests {

Store::Store(const Engine& engine)
    : engine_(engine),
      schema_(
          "create table items (id bigint primary key, name text not null unique, note text,"
          " weight double precision, content " +
          engine.blob + ", amount bigint check (amount > 0));"),
      options_(engine.options(folder_)) {
    options_.migrations = {{"test", {{"0001_create_items", schema_}}}};
}

void Store::open() {
    auto opened = database::Database::open(options_);
    if (!opened) throw std::runtime_error(opened.error().message);
    database_ = std::move(*opened);
}

base::Result<std::int64_t> Store::add(std::int64_t id, std::string name) {
    auto work = [id, name](database::Transaction& transaction) -> base::Result<std::int64_t> {
        transaction.prepare("insert into items (id, name) values (?, ?)")
            .bind(1, id)
            .bind(2, name)
            .run();
        auto changed = transaction.changes();
        if (name == "refused") return base::Error{base::Reason::invalid, "refused", "No."};
        return changed;
    };
    return write<std::int64_t>(work);
}

std::int64_t count_in(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select count(*) from items");
    row.step();
    return row.integer(0);
}

std::int64_t Store::count() {
    auto work = [](database::ReadTransaction& transaction) -> base::Result<std::int64_t> {
        return count_in(transaction);
    };
    return *read<std::int64_t>(work);
}

}  // namespace tests
