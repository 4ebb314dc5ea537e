#include "database/foreign_file.hpp"

#include "driver.hpp"

namespace database {

ForeignFile::ForeignFile(const std::filesystem::path& file)
    : connection_(open_foreign({file.filename().string(), file})) {
    connection_->begin_read(nullptr);
    transaction_ = std::make_unique<ReadTransaction>(*connection_);
}

ForeignFile::~ForeignFile() {
    transaction_.reset();
    connection_->end_read();
}

std::vector<Table> ForeignFile::tables() {
    return connection_->tables();
}

}  // namespace database
