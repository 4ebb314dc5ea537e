// What of the staged rows a pass has come across.
#include "staging_store.hpp"

namespace django {

void StagingStore::forget_seen() {
    store_->transaction().execute("delete from seen");
}

void StagingStore::see(const std::vector<std::string>& legacy_ids) {
    auto insert = store_->transaction().prepare(
        "insert into seen (legacy_id) values (?) on conflict (legacy_id) do nothing");
    for (const auto& id : legacy_ids) {
        insert.bind(1, id).run();
        insert.reset();
    }
}

std::vector<bool> StagingStore::seen(const std::vector<std::string>& legacy_ids) const {
    std::vector<bool> found;
    auto select = store_->transaction().prepare("select 1 from seen where legacy_id = ?");
    for (const auto& id : legacy_ids) {
        found.push_back(select.bind(1, id).step());
        select.reset();
    }
    return found;
}

}  // namespace django
