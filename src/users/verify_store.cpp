#include "bus/log.hpp"
#include "database/store_file.hpp"
#include "users/module.hpp"
#include "users/verify.hpp"

namespace users {

namespace {

constexpr std::size_t problems_max = 100;

void complain(KnownUsers& known, std::string problem) {
    if (known.problems.size() < problems_max) known.problems.push_back(std::move(problem));
}

std::vector<UserId> ids(database::ReadTransaction& store, const char* sql,
                        std::optional<std::int64_t> position = std::nullopt) {
    std::vector<UserId> found;
    auto rows = store.prepare(sql);
    if (position) rows.bind(1, *position);
    while (rows.step()) found.push_back(rows.integer(0));
    return found;
}

}  // namespace

KnownUsers known_users(const std::filesystem::path& folder, const bus::Cursor& heard) {
    database::StoreReader reader(Module::stores(Config(), folder).front());
    auto& store = reader.refresh();
    KnownUsers known;
    known.profiles = ids(store,
                         "select id from (select id from users union select user_id from queue)"
                         " where id not in (select user_id from queue where kind = 'removed')"
                         " order by id");
    known.removed = ids(store,
                        "select stream from events where type = 'user_removed.v1'"
                        " and position <= ? order by stream",
                        heard.position);
    for (auto id : ids(store,
                       "select id from users where not exists (select 1 from events"
                       " where stream = users.id and events.version = users.version"
                       " and type <> 'user_removed.v1') order by id")) {
        complain(known, "the profile of user " + std::to_string(id) + " is not what the log says");
    }
    for (auto id : ids(store,
                       "select stream from events e where type <> 'user_removed.v1' and version ="
                       " (select max(version) from events where stream = e.stream)"
                       " and not exists (select 1 from users where id = e.stream)"
                       " order by stream")) {
        complain(known, "the profile of user " + std::to_string(id) + " is missing");
    }
    if (!bus::has_cursor(store, heard)) {
        complain(known, "recommendation has heard another log than this one, or a longer one");
    }
    return known;
}

}  // namespace users
