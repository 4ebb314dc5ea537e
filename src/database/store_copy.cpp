#include "database/store_copy.hpp"

#include <algorithm>

#include "driver.hpp"

namespace database {

namespace {

constexpr std::int64_t rows_at_once = 20000;

}  // namespace

StoreCopy::StoreCopy(StoreReader& from, ScratchStore& into)
    : from_(from), into_(into), definitions_(from.connection_->definitions()) {}

StoreCopy::~StoreCopy() = default;

std::int64_t StoreCopy::copy_rows(const std::vector<std::string>& without,
                                  const std::function<void(std::int64_t)>& rows) {
    auto& source = *from_.connection_;
    std::int64_t count = 0;
    // In parts, so that they go to the disk bit by bit: much at once would hold up whoever else
    // waits for it.
    auto counted = [&] {
        if (++count % rows_at_once != 0) return;
        into_.commit();
        into_.transaction();
        if (rows) rows(count);
    };
    for (const auto& made : definitions_) {
        if (made.kind == Definition::Kind::table) into_.transaction().execute(made.sql);
    }
    for (const auto& made : definitions_) {
        if (made.kind != Definition::Kind::table) continue;
        if (std::find(without.begin(), without.end(), made.name) != without.end()) continue;
        into_.transaction();
        into_.connection_->copy_rows(source, made.name, counted);
        into_.commit();
    }
    into_.transaction();
    into_.connection_->copy_numbers_given(source);
    into_.commit();
    return count;
}

void StoreCopy::finish() {
    for (const auto& made : definitions_) {
        if (made.kind != Definition::Kind::table) into_.transaction().execute(made.sql);
    }
    into_.commit();
}

}  // namespace database
