// portal verify: every store re-read, every log's chain followed, every view held against its log.
#include <cstdio>

#include "bus/log.hpp"
#include "commands.hpp"
#include "database/store_file.hpp"
#include "news/verify.hpp"
#include "operations/terminal.hpp"

namespace portal {

namespace {

using operations::with_commas;

bool tell(const std::string& name, const std::string& what,
          const std::vector<std::string>& problems) {
    std::printf("%s: %s: %s\n", name.c_str(), what.c_str(), problems.empty() ? "good" : "NOT GOOD");
    for (const auto& problem : problems) std::printf("  %s\n", problem.c_str());
    return problems.empty();
}

bool verify_news(const Settings& settings, const std::string& type) {
    operations::ProgressDisplay display("verify " + type);
    auto show = [&](std::int64_t done_events, std::int64_t total) {
        display.show({done_events, total, with_commas(done_events) + " events"});
    };
    auto report = news::verify(settings.data.folder, type, show);
    display.finish();
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

}  // namespace

int verify(const Settings& settings) {
    bool good = true;
    for (const auto& type : settings.news.types) good = verify_news(settings, type) && good;
    std::filesystem::path folder = settings.data.folder;
    for (const auto& file : std::vector<database::StoreFile>{
             {"identity", folder / "identity.db", database::StoreKind::other},
             {"users", folder / "users.db", database::StoreKind::log},
             {"recommendation", folder / "recommendation.db", database::StoreKind::other}}) {
        good = verify_store(file) && good;
    }
    return good ? done : failed;
}

}  // namespace portal
