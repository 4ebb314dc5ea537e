#include "api_keys_service.hpp"

#include "account_store.hpp"
#include "api_key_store.hpp"
#include "base/problems.hpp"
#include "telemetry/log.hpp"
#include "token_crypto.hpp"

namespace identity {

namespace {

constexpr std::size_t row_bytes = 256;
constexpr std::size_t secret_bytes = 32;

base::Error invalid_api_key(std::vector<base::Problem> problems) {
    return base::invalid_input("invalid_api_key",
                               "The API key cannot be made: ", std::move(problems));
}

base::Error too_many_api_keys(std::int64_t most) {
    return {base::Reason::conflict, "too_many_api_keys",
            "There are " + std::to_string(most) +
                " API keys, and no more may be (identity.api_keys_max). Revoke one that nobody "
                "needs."};
}

base::Error api_key_not_found() {
    return {base::Reason::not_found, "api_key_not_found", "There is no such API key."};
}

}  // namespace

base::Task<ApiKeysService::Issued> ApiKeysService::create(ApiKey key, base::Context context) {
    key.created_at = clock_.now();
    key.created_by = context.actor.subject();
    auto problems = problems_of_api_key(key, key.created_at);
    if (!problems.empty()) co_return invalid_api_key(std::move(problems));
    Issued issued;
    issued.secret = std::string(api_key_prefix) + random_text(secret_bytes);
    StoredApiKey stored{sha256_text(issued.secret), std::move(key)};
    auto work = [this, stored = std::move(stored)](
                    database::Transaction& transaction) mutable -> base::Result<ApiKey> {
        if (count_api_keys(transaction) >= keys_max_) return too_many_api_keys(keys_max_);
        stored.key.id = free_id(transaction);
        insert_api_key(transaction, stored);
        transaction.after_commit([this, stored] { known_.add(stored.secret_hash, stored.key); });
        return stored.key;
    };
    auto made = co_await database_.write<ApiKey>(context.deadline, row_bytes, std::move(work));
    if (!made) co_return made.error();
    telemetry::log(telemetry::Level::info, "identity", "an API key is made",
                   {{"key", made->id}, {"by", made->created_by.value_or(0)}}, context.request_id);
    issued.key = std::move(*made);
    co_return issued;
}

base::Task<std::vector<ApiKey>> ApiKeysService::list(base::Context context) const {
    using Keys = std::vector<ApiKey>;
    auto work = [](database::ReadTransaction& transaction) -> base::Result<Keys> {
        Keys keys;
        for (auto& stored : all_api_keys(transaction)) keys.push_back(std::move(stored.key));
        return keys;
    };
    co_return co_await database_.read<Keys>(context.deadline, std::move(work));
}

base::Task<void> ApiKeysService::revoke(std::int64_t id, base::Context context) {
    auto work = [this, id](database::Transaction& transaction) -> base::Result<void> {
        if (!delete_api_key(transaction, id)) return api_key_not_found();
        transaction.after_commit([this, id] { known_.remove(id); });
        return {};
    };
    auto revoked = co_await database_.write<void>(context.deadline, row_bytes, std::move(work));
    if (revoked) {
        telemetry::log(telemetry::Level::info, "identity", "an API key is revoked",
                       {{"key", id}, {"by", context.actor.subject().value_or(0)}},
                       context.request_id);
    }
    co_return revoked;
}

base::Task<void> ApiKeysService::load() {
    using Stored = std::vector<StoredApiKey>;
    auto work = [](database::ReadTransaction& transaction) -> base::Result<Stored> {
        return all_api_keys(transaction);
    };
    auto all = co_await database_.read<Stored>(base::Deadline(), std::move(work));
    if (!all) co_return all.error();
    for (const auto& stored : *all) known_.add(stored.secret_hash, stored.key);
    co_return base::Result<void>();
}

}  // namespace identity
