#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "database/statement.hpp"

namespace database {

class Connection;

/// A question's view of the store: one snapshot for all its statements. Only on the thread and
/// during the call that received it.
class ReadTransaction {
public:
    explicit ReadTransaction(Connection& connection) : connection_(connection) {}

    /// Throws Failure.
    Statement prepare(std::string_view sql);
    /// Throws a Failure that says which store is damaged, and how: `the revocations are out of
    /// order`. For what a whole store cannot say.
    [[noreturn]] void damaged(const std::string& how) const;

protected:
    Connection& connection_;
};

/// A command's view of the store while it is changed, on the writer thread.
class Transaction : public ReadTransaction {
public:
    using ReadTransaction::ReadTransaction;

    /// Any number of statements without parameters or rows.
    void execute(const std::string& sql);
    /// Rows that the last statement changed.
    std::int64_t changes() const;

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

/// The keys of rows that come in order. Who reads on behind the last key would go round for ever in
/// a damaged file whose rows are out of order: no progress is damage.
template <class Key>
class RisingKeys {
public:
    /// `rows`: what they are, in messages. `after`: the key that all are behind, if any.
    RisingKeys(const ReadTransaction& transaction, std::string rows,
               std::optional<Key> after = std::nullopt)
        : transaction_(transaction), rows_(std::move(rows)), last_(std::move(after)) {}

    /// Throws Failure unless `key` is behind the one before.
    void next(const Key& key) {
        if (last_ && !(*last_ < key)) transaction_.damaged(rows_ + " are out of order");
        last_ = key;
    }

private:
    const ReadTransaction& transaction_;
    std::string rows_;
    std::optional<Key> last_;
};

}  // namespace database
