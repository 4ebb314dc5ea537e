#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "database/connection.hpp"

namespace database {

/// A question's view of the file: one snapshot for all its statements. Only on the thread and
/// during the call that received it.
class ReadTransaction {
public:
    explicit ReadTransaction(Connection& connection) : connection_(connection) {}
    Statement prepare(std::string_view sql) { return connection_.prepare(sql); }

protected:
    Connection& connection_;
};

/// A command's view of the file while it is changed, on the writer thread.
class Transaction : public ReadTransaction {
public:
    using ReadTransaction::ReadTransaction;

    void execute(const std::string& sql) { connection_.execute(sql); }
    std::int64_t changes() const { return connection_.changes(); }

    /// `effect` runs on the writer thread after the COMMIT that made this command durable, before
    /// its caller is answered. It must not throw or block.
    void after_commit(std::function<void()> effect) { effects_.push_back(std::move(effect)); }
    /// `undo` runs on the writer thread if this command, or the whole batch, is rolled back.
    void on_undo(std::function<void()> undo) { undos_.push_back(std::move(undo)); }

private:
    friend class Writer;
    std::vector<std::function<void()>> effects_;
    std::vector<std::function<void()>> undos_;
};

}  // namespace database
