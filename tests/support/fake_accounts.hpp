#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "identity/accounts.hpp"
#include "identity/imports.hpp"

namespace support {

/// Accounts in memory: every password is good but one, and tests can make calls fail. Thread-safe.
class FakeAccounts final : public identity::Accounts {
public:
    using UserId = identity::UserId;
    using Refusals = std::set<std::string>;

    /// From now on the calls of these names are refused with `unavailable`.
    void refuse(Refusals calls) {
        std::lock_guard lock(mutex_);
        refused_ = std::move(calls);
    }
    std::map<UserId, std::string> active() const { return with(true); }
    std::map<UserId, std::string> waiting() const { return with(false); }
    /// As if an earlier process had been interrupted.
    UserId add_pending(const std::string& email) {
        std::lock_guard lock(mutex_);
        accounts_[++last_] = {email, false};
        return last_;
    }

    base::Task<UserId> reserve(identity::NewAccount account, base::Context) override {
        std::lock_guard lock(mutex_);
        if (refused_.contains("reserve")) co_return refusal();
        for (const auto& [id, known] : accounts_) {
            if (known.email == account.email) co_return taken();
        }
        accounts_[++last_] = {account.email, false};
        co_return last_;
    }
    base::Task<void> activate(UserId id, base::Context) override {
        std::lock_guard lock(mutex_);
        if (refused_.contains("activate")) co_return refusal();
        auto found = accounts_.find(id);
        if (found == accounts_.end()) co_return missing();
        found->second.active = true;
        co_return base::Result<void>();
    }
    base::Task<void> discard(UserId id, base::Context) override {
        std::lock_guard lock(mutex_);
        auto found = accounts_.find(id);
        if (found != accounts_.end() && !found->second.active) accounts_.erase(found);
        co_return base::Result<void>();
    }
    base::Task<std::vector<UserId>> pending(base::Context) const override {
        std::lock_guard lock(mutex_);
        std::vector<UserId> ids;
        for (const auto& [id, account] : accounts_) {
            if (!account.active) ids.push_back(id);
        }
        co_return ids;
    }
    base::Task<bool> has_password(UserId, std::string password, base::Context) const override {
        co_return bool{password != wrong_password};
    }
    static constexpr std::string_view wrong_password = "not the password";
    base::Task<identity::Account> account(UserId id, base::Context) const override {
        std::lock_guard lock(mutex_);
        auto found = accounts_.find(id);
        if (found == accounts_.end()) co_return missing();
        identity::Account account{id, found->second.email, base::Role::reader, true};
        co_return account;
    }
    base::Task<std::map<UserId, std::string>> emails(std::vector<UserId> ids,
                                                     base::Context) const override {
        std::lock_guard lock(mutex_);
        std::map<UserId, std::string> found;
        for (auto id : ids) {
            auto account = accounts_.find(id);
            if (account != accounts_.end()) found[id] = account->second.email;
        }
        co_return found;
    }
    base::Task<std::int64_t> prepare_change(UserId id, identity::AccountChange change,
                                            base::Context) override {
        std::lock_guard lock(mutex_);
        if (refused_.contains("prepare_change")) co_return refusal();
        for (const auto& [other, known] : accounts_) {
            if (change.email && known.email == *change.email && other != id) co_return taken();
        }
        auto token = ++last_token_;
        prepared_[token] = {{token, id, false}, change.email.value_or("")};
        co_return token;
    }
    base::Task<void> finish_change(UserId id, std::int64_t token, base::Context) override {
        std::lock_guard lock(mutex_);
        if (refused_.contains("finish_change")) co_return refusal();
        auto found = prepared_.find(token);
        if (found == prepared_.end()) co_return base::Result<void>();
        if (!found->second.email.empty()) accounts_[id].email = found->second.email;
        prepared_.erase(found);
        co_return base::Result<void>();
    }
    base::Task<std::int64_t> prepare_erasure(UserId id, base::Context) override {
        std::lock_guard lock(mutex_);
        if (refused_.contains("prepare_erasure")) co_return refusal();
        auto token = ++last_token_;
        prepared_[token] = {{token, id, true}, ""};
        co_return token;
    }
    base::Task<void> erase(UserId id, base::Context) override {
        std::lock_guard lock(mutex_);
        if (refused_.contains("erase")) co_return refusal();
        accounts_.erase(id);
        std::erase_if(prepared_, [id](const auto& one) { return one.second.prepared.id == id; });
        co_return base::Result<void>();
    }
    base::Task<void> abandon(std::int64_t token, base::Context) override {
        std::lock_guard lock(mutex_);
        if (refused_.contains("abandon")) co_return refusal();
        prepared_.erase(token);
        co_return base::Result<void>();
    }
    base::Task<std::vector<identity::Prepared>> prepared(base::Context) const override {
        co_return all_prepared();
    }
    /// The same for a test.
    std::vector<identity::Prepared> all_prepared() const {
        std::lock_guard lock(mutex_);
        std::vector<identity::Prepared> all;
        for (const auto& [token, one] : prepared_) all.push_back(one.prepared);
        return all;
    }

private:
    struct Known {
        std::string email;
        bool active = false;
    };
    static base::Error refusal() { return {base::Reason::unavailable, "unavailable", "Not now."}; }
    static base::Error taken() { return {base::Reason::conflict, "email_taken", "Taken."}; }
    static base::Error missing() {
        return {base::Reason::not_found, "account_not_found", "No such account."};
    }
    std::map<UserId, std::string> with(bool active) const {
        std::lock_guard lock(mutex_);
        std::map<UserId, std::string> found;
        for (const auto& [id, account] : accounts_) {
            if (account.active == active) found[id] = account.email;
        }
        return found;
    }

    mutable std::mutex mutex_;
    std::map<UserId, Known> accounts_;
    struct Half {
        identity::Prepared prepared;
        std::string email;  ///< the new one; empty: it stays
    };
    std::map<std::int64_t, Half> prepared_;
    std::int64_t last_token_ = 0;
    UserId last_ = 100;
    Refusals refused_;
};

/// From nowhere anybody comes.
class NoImports : public identity::Imports {
public:
    base::Task<std::vector<identity::ImportedAs>> import(std::vector<identity::ImportedAccount>,
                                                         identity::ImportRule,
                                                         base::Context) override {
        co_return refusal();
    }
    base::Task<void> activate(std::vector<identity::UserId>, base::Context) override {
        co_return refusal();
    }
    base::Task<std::vector<std::string>> imported_of(std::string, std::string, std::int64_t,
                                                     base::Context) const override {
        co_return refusal();
    }
    base::Task<identity::Withdrawn> withdraw(std::string, identity::ImportRule,
                                             base::Context) override {
        co_return refusal();
    }
    base::Task<std::optional<identity::KnownSource>> known(std::string,
                                                           base::Context) const override {
        co_return refusal();
    }
    base::Task<std::optional<identity::KnownSource>> known_by_token(std::string,
                                                                    base::Context) const override {
        co_return refusal();
    }
    base::Task<identity::ImportedPeopleCount> count(std::string, std::int64_t,
                                                    base::Context) const override {
        co_return refusal();
    }
    base::Task<std::int64_t> forget_django_passwords(std::int64_t, base::Context) override {
        co_return refusal();
    }

private:
    static base::Error refusal() { return {base::Reason::unavailable, "unavailable", "Not now."}; }
};

}  // namespace support
