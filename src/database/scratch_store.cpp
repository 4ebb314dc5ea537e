#include "database/scratch_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "driver.hpp"

namespace database {

ScratchStore::ScratchStore(const std::filesystem::path& file, std::int64_t cache_kib)
    : file_(std::filesystem::absolute(file)) {
    auto options = std::make_shared<Options>();
    options->file = file_;
    options->name = file.filename().string();
    options->durable = false;
    options->scratch = true;
    options->limits.cache_kib = cache_kib;
    connection_ = driver_for(options)->open_writer();
}

ScratchStore::~ScratchStore() {
    transaction_.reset();
    if (connection_) connection_->rollback();
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
    connection_->make_durable();
}

void ScratchStore::close() {
    commit();
    connection_->keep_house(true);
    connection_.reset();
    int descriptor = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
    int error = descriptor >= 0 && ::fsync(descriptor) == 0 ? 0 : errno;
    if (descriptor >= 0) ::close(descriptor);
    if (error == 0) return;
    throw Failure(error == ENOSPC ? FailureKind::full : FailureKind::io,
                  file_.filename().string() + ": it cannot be synced (" +
                      std::generic_category().message(error) + ")");
}

}  // namespace database
