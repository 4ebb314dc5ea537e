// portal verify: every store re-read, every log's chain followed, every view held against its log.
#include <algorithm>
#include <cstdio>

#include "bus/log.hpp"
#include "commands.hpp"
#include "database/lineage.hpp"
#include "database/store_file.hpp"
#include "identity/verify.hpp"
#include "modules.hpp"
#include "news/verify.hpp"
#include "operations/terminal.hpp"
#include "recommendation/verify.hpp"
#include "site/verify.hpp"
#include "users/verify.hpp"

namespace portal {

namespace {

using operations::with_commas;

bool tell(const std::string& name, const std::string& what,
          const std::vector<std::string>& problems) {
    std::printf("%s: %s: %s\n", name.c_str(), what.c_str(), problems.empty() ? "good" : "NOT GOOD");
    for (const auto& problem : problems) std::printf("  %s\n", problem.c_str());
    return problems.empty();
}

/// Not wrong by itself, but worth a look.
void warn(const std::string& name, const std::string& what) {
    std::printf("%s: warning: %s\n", name.c_str(), what.c_str());
}

bool verify_news(const Settings& settings, const std::string& type) {
    operations::ProgressDisplay display("verify " + type);
    auto show = [&](std::int64_t done_events, std::int64_t total) {
        display.show({done_events, total, with_commas(done_events) + " events"});
    };
    auto report = news::verify(settings.data.folder, type, show);
    display.finish();
    if (report.set_back > 0) {
        warn(type, "the clock was set back " + with_commas(report.set_back) +
                       (report.set_back == 1 ? " time" : " times") +
                       ": order is by position, dates before that are later than they should be");
    }
    auto view = report.behind > 0 ? with_commas(report.behind) + " events not shown yet"
                                  : std::string("the view is up to date");
    auto what = with_commas(report.events) + " events, " + with_commas(report.articles) +
                " articles, " + view;
    return tell(type, what, report.problems);
}

/// The chain of a log that has no view, in parts: see news::verify.
std::int64_t check_chain(database::StoreReader& store, std::vector<std::string>& problems) {
    constexpr std::size_t problems_max = 100;
    constexpr std::int64_t events_at_once = 2000;
    auto head = bus::read_head_position(store.refresh());
    bus::ChainCheck chain;
    std::int64_t position = 0;
    std::int64_t events = 0;
    for (bool more = true; more;) {
        more = false;
        std::int64_t count = 0;
        bus::read_log(
            store.refresh(), position, [&](const bus::Event& event, const bus::Hash& hash) {
                auto problem = chain.next(event, hash);
                if (!problem.empty()) problems.push_back("log: " + problem);
                position = event.position;
                ++events;
                more =
                    ++count == events_at_once && position < head && problems.size() < problems_max;
                return !more && position < head && problems.size() < problems_max;
            });
    }
    return events;
}

/// A module that has no view of its log: the engine's own checks and, if there is a log, its chain.
bool verify_store(const database::StoreFile& file) {
    bool has_log = file.kind == database::StoreKind::log;
    std::vector<std::string> problems;
    std::int64_t events = 0;
    try {
        database::StoreReader store(file);
        problems = store.check();
        if (has_log) events = check_chain(store, problems);
    } catch (const database::Failure& failure) {
        problems.emplace_back(failure.what());
    }
    return tell(file.name, has_log ? with_commas(events) + " events" : "the file is whole",
                problems);
}

using Ids = std::vector<std::int64_t>;

/// What two stores say of each other that cannot be true.
struct Disagreements {
    Ids without_profile;  ///< accounts
    Ids without_account;  ///< profiles
    Ids forgotten;        ///< removed users whose interests are still there
    std::vector<std::string> problems;
};

Ids difference(const Ids& all, const Ids& known) {
    Ids found;
    std::set_difference(all.begin(), all.end(), known.begin(), known.end(),
                        std::back_inserter(found));
    return found;
}

Ids intersection(const Ids& some, const Ids& others) {
    Ids found;
    std::set_intersection(some.begin(), some.end(), others.begin(), others.end(),
                          std::back_inserter(found));
    return found;
}

Disagreements compare_people(const std::filesystem::path& folder) {
    auto readers = recommendation::known_readers(folder);
    auto users = users::known_users(folder, readers.heard);
    auto accounts = identity::known_accounts(folder);
    Disagreements all;
    all.without_profile = difference(accounts.settled, users.profiles);
    all.without_account =
        difference(difference(users.profiles, accounts.settled), accounts.pending);
    all.forgotten = intersection(readers.readers, users.removed);
    all.problems = std::move(users.problems);
    return all;
}

/// Accounts, profiles, interests and their logs against each other. A server that works beside this
/// is between two of them for a moment: what is only seen once says nothing.
bool verify_people(const std::filesystem::path& folder) {
    constexpr std::size_t named_max = 100;
    constexpr int looks = 3;
    auto found = compare_people(folder);
    for (int look = 1; look < looks; ++look) {
        auto again = compare_people(folder);
        found.without_profile = intersection(found.without_profile, again.without_profile);
        found.without_account = intersection(found.without_account, again.without_account);
        found.forgotten = intersection(found.forgotten, again.forgotten);
        found.problems = std::move(again.problems);
    }
    auto problems = std::move(found.problems);
    auto name_all = [&](const Ids& ids, const std::string& what) {
        for (auto id : ids) {
            if (problems.size() >= named_max) return;
            problems.push_back("user " + std::to_string(id) + " " + what);
        }
    };
    name_all(found.without_profile, "has an account, but no profile");
    name_all(found.without_account, "has a profile, but no account");
    name_all(found.forgotten, "is removed, but the interests are still there");
    return tell("people", "accounts, profiles and interests", problems);
}

/// Whether the files are of one folder and one time. False also says that the rest cannot be asked.
bool verify_lineage(const Settings& settings) {
    auto members = stores_of(settings);
    for (const auto& warning : database::Lineage::warnings(settings.data.folder, members)) {
        warn("stores", warning);
    }
    return tell("stores", with_commas(std::ssize(members)) + " files",
                database::Lineage::problems(settings.data.folder, members));
}

}  // namespace

int verify(const Settings& settings) {
    bool good = true;
    // What cannot be read is one more problem, and keeps nobody from looking at the rest.
    auto also = [&good](const std::string& name, auto check) {
        try {
            good = check() && good;
        } catch (const database::Failure& failure) {
            good = tell(name, "it cannot be read", {failure.what()});
        }
    };
    also("stores", [&] { return verify_lineage(settings); });
    for (const auto& type : settings.news.types) {
        also(type, [&] { return verify_news(settings, type); });
    }
    std::filesystem::path folder = settings.data.folder;
    for (const auto& file : std::vector<database::StoreFile>{
             {"identity", folder / "identity.db", database::StoreKind::log},
             {"users", folder / "users.db", database::StoreKind::log},
             {"site", folder / "site.db", database::StoreKind::log},
             {"recommendation", folder / "recommendation.db", database::StoreKind::other}}) {
        good = verify_store(file) && good;
    }
    also("site", [&] { return tell("site", "redirects, lists and counts", site::verify(folder)); });
    also("people", [&] { return verify_people(folder); });
    return good ? done : failed;
}

}  // namespace portal
