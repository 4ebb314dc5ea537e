// portal verify: every store re-read, every log's chain followed, every view held against its log.
#include <cstdio>

#include "bus/log.hpp"
#include "commands.hpp"
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

/// A module that has no view of its log: SQLite's own checks and, if there is a log, its chain.
bool verify_store(const Settings& settings, const std::string& name, bool has_log) {
    constexpr std::size_t problems_max = 100;
    database::Connection store(std::filesystem::path(settings.data.folder) / (name + ".db"),
                               database::Connection::Mode::read, true);
    auto problems = database::check_integrity(store);
    std::int64_t events = 0;
    if (has_log) {
        store.execute("begin");
        database::ReadTransaction log(store);
        bus::ChainCheck chain;
        bus::read_log(log, 0, [&](const bus::Event& event, const bus::Hash& hash) {
            auto problem = chain.next(event, hash);
            if (!problem.empty()) problems.push_back("log: " + problem);
            ++events;
            return problems.size() < problems_max;
        });
    }
    return tell(name, has_log ? with_commas(events) + " events" : "the file is whole", problems);
}

}  // namespace

int verify(const Settings& settings) {
    bool good = true;
    for (const auto& type : settings.news.types) good = verify_news(settings, type) && good;
    good = verify_store(settings, "identity", false) && good;
    good = verify_store(settings, "users", true) && good;
    good = verify_store(settings, "recommendation", false) && good;
    return good ? done : failed;
}

}  // namespace portal
