// portal verify: every store re-read, every log's chain followed, every view held against its log.
#include <algorithm>
#include <cstdio>
#include <optional>

#include "commands.hpp"
#include "database/lineage.hpp"
#include "identity/verify.hpp"
#include "modules.hpp"
#include "operations/terminal.hpp"
#include "recommendation/verify.hpp"
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

bool tell(const host::Finding& found) {
    for (const auto& warning : found.warnings) warn(found.name, warning);
    return tell(found.name, found.what, found.problems);
}

bool verify_module(const host::Declaration& module, const std::filesystem::path& folder) {
    std::optional<operations::ProgressDisplay> display;
    std::string shown;
    auto progress = [&](const std::string& name, std::int64_t done_events, std::int64_t total) {
        if (name != shown) {
            if (display) display->finish();
            display.emplace("verify " + name);
            shown = name;
        }
        display->show({done_events, total, with_commas(done_events) + " events"});
    };
    auto findings = module.verify(folder, progress);
    if (display) display->finish();
    bool good = true;
    for (const auto& found : findings) good = tell(found) && good;
    return good;
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
bool verify_lineage(const std::filesystem::path& folder,
                    const std::vector<database::StoreFile>& stores) {
    for (const auto& warning : database::Lineage::warnings(folder, stores)) warn("stores", warning);
    return tell("stores", with_commas(std::ssize(stores)) + " files",
                database::Lineage::problems(folder, stores));
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
    std::filesystem::path folder = settings.data.folder;
    also("stores", [&] { return verify_lineage(folder, stores_of(*settings.modules, folder)); });
    for (const auto& module : declarations(*settings.modules)) {
        also(module.name, [&] { return verify_module(module, folder); });
    }
    also("people", [&] { return verify_people(folder); });
    return good ? done : failed;
}

}  // namespace portal
