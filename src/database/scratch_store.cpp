#include "database/scratch_store.hpp"

#include "driver.hpp"

namespace database {

ScratchStore::ScratchStore(const std::filesystem::path& file, std::int64_t cache_kib) {
    auto options = std::make_shared<Options>();
    options->file = std::filesystem::absolute(file);
    options->name = file.filename().string();
    options->durable = false;
    options->scratch = true;
    options->limits.cache_kib = cache_kib;
    connection_ = driver_for(options)->open_writer();
}

ScratchStore::~ScratchStore() {
    transaction_.reset();
    connection_->rollback();
}

Transaction& ScratchStore::transaction() {
    if (!transaction_) {
        connection_->begin_write();
        transaction_ = std::make_unique<Transaction>(*connection_);
    }
    return *transaction_;
}

void ScratchStore::commit() {
    if (!transaction_) return;
    transaction_.reset();
    connection_->commit();
}

void ScratchStore::make_durable() {
    connection_->execute("pragma synchronous=full");
}

}  // namespace database
