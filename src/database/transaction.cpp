#include "database/transaction.hpp"

#include "driver.hpp"

namespace database {

Statement ReadTransaction::prepare(std::string_view sql) {
    return connection_.prepare(sql);
}

void ReadTransaction::damaged(const std::string& how) const {
    throw Failure(FailureKind::inconsistent, connection_.name() + " is damaged: " + how);
}

void Transaction::execute(const std::string& sql) {
    connection_.execute(sql);
}

std::int64_t Transaction::changes() const {
    return connection_.changes();
}

}  // namespace database
