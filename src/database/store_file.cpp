#include "database/store_file.hpp"

#include "driver.hpp"

namespace database {

StoreReader::StoreReader(const StoreFile& store, Access access)
    : store_(store), connection_(open_from_outside(store, access)) {}

StoreReader::~StoreReader() {
    release();
}

StoreReader::StoreReader(StoreReader&&) noexcept = default;

ReadTransaction& StoreReader::refresh() {
    release();
    connection_->begin_read(nullptr);
    transaction_ = std::make_unique<ReadTransaction>(*connection_);
    return *transaction_;
}

void StoreReader::release() {
    if (!transaction_) return;
    transaction_.reset();
    connection_->end_read();
}

std::string StoreReader::warning() {
    if (connection_->is_protected()) return "";
    return "its pages have no checksums, so damage in them may not be seen; the next start of the "
           "server adds them";
}

std::vector<std::string> StoreReader::check() {
    return connection_->check();
}

/// A look from a second connection before the first snapshot and one after the last: where both
/// find the same, the snapshot between them is what the store was all that time.
bool refresh_together(std::vector<StoreReader>& stores, int attempts) {
    std::vector<std::unique_ptr<Connection>> watchers;
    for (const auto& store : stores) watchers.push_back(open_from_outside(store.store_));
    std::vector<std::int64_t> before(stores.size());
    for (int attempt = 0; attempt < attempts; ++attempt) {
        for (std::size_t i = 0; i < stores.size(); ++i) before[i] = watchers[i]->state_number();
        for (auto& store : stores) {
            store.refresh();
            // A transaction has no snapshot before its first question.
            store.connection_->state_number();
        }
        bool same = true;
        for (std::size_t i = 0; i < stores.size(); ++i) {
            same = watchers[i]->state_number() == before[i] && same;
        }
        if (same) return true;
    }
    return false;
}

std::vector<std::string> check_file(const StoreFile& store) {
    std::vector<std::string> complaints;
    try {
        for (auto& complaint : StoreReader(store).check()) {
            complaints.push_back(store.name + ": " + complaint);
        }
    } catch (const Failure& failure) {
        complaints.emplace_back(failure.what());
    }
    return complaints;
}

}  // namespace database
