#pragma once

#include <string>
#include <vector>

#include "api_keys.hpp"
#include "database/database.hpp"

namespace identity {

// The table `api_keys`. Within a transaction of the caller.

/// A row of it.
struct StoredApiKey {
    std::string secret_hash;
    ApiKey key;
};

/// All of them, in the order in which they were made.
std::vector<StoredApiKey> all_api_keys(database::ReadTransaction& transaction);
std::int64_t count_api_keys(database::ReadTransaction& transaction);
void insert_api_key(database::Transaction& transaction, const StoredApiKey& key);
/// False if there is none of that id.
bool delete_api_key(database::Transaction& transaction, std::int64_t id);

}  // namespace identity
