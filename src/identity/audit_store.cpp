#include "audit_store.hpp"

#include "event_json.hpp"

namespace identity {

namespace {

std::int64_t next_version(database::ReadTransaction& transaction, UserId stream) {
    auto row = transaction.prepare("select max(version) from events where stream = ?");
    row.bind(1, stream);
    row.step();
    return row.integer(0) + 1;
}

}  // namespace

void AuditStore::record(database::Transaction& transaction, const Event& event,
                        const base::Context& by) {
    auto user = user_of(event);
    bus::NewEvent added{user,
                        next_version(transaction, user),
                        std::string(name_of(event)),
                        to_json(event),
                        by.actor.subject(),
                        by.request_id};
    log_.append(transaction, std::move(added));
}

}  // namespace identity
