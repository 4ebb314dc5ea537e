#include "database/store_file.hpp"

#include "driver.hpp"

namespace database {

StoreReader::StoreReader(const StoreFile& store) : connection_(open_from_outside(store)) {}

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
