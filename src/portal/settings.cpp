#include "settings.hpp"

#include <algorithm>

#include "http/address.hpp"

namespace portal {

namespace {

bool uses_tls(const Settings& settings) {
    auto all = settings.http.listen_also;
    all.insert(all.end(), {settings.http.listen, settings.operations.listen});
    return std::any_of(all.begin(), all.end(), [](const std::string& listen) {
        auto address = http::parse_address(listen);
        return address && address->tls;
    });
}

void check_addresses(config::Section& root, const Settings& settings) {
    auto operations = http::parse_address(settings.operations.listen);
    if (!operations) root.refuse("operations.listen", operations.error().message);
    auto everywhere = settings.http.listen_also;
    everywhere.insert(everywhere.begin(), settings.http.listen);
    std::string tls = operations && operations->tls ? settings.operations.listen : "";
    for (const auto& listen : everywhere) {
        auto address = http::parse_address(listen);
        if (!address) continue;  // said already
        if (address->tls) tls = listen;
        if (settings.security.mode == "open" && !address->is_loopback()) {
            root.refuse("security.mode",
                        "is open, so everybody may do everything; that is refused on any address "
                        "but loopback, and " +
                            std::string(&listen == &everywhere.front() ? "http.listen is "
                                                                       : "http.listen_also has ") +
                            listen + ".");
        }
    }
    if (tls.empty()) return;
    if (settings.http.tls.certificate.empty()) {
        root.refuse("http.tls.certificate", "names no file, and " + tls + " needs a certificate.");
    }
    if (settings.http.tls.key.empty()) {
        root.refuse("http.tls.key", "names no file, and " + tls + " needs a key.");
    }
}

}  // namespace

std::vector<config::Problem> check_files(const Settings& settings) {
    if (!uses_tls(settings)) return {};
    auto checked = http::check_certificate(settings.http);
    if (checked) return {};
    std::vector<config::Problem> problems;
    for (const auto& problem : checked.error().details) {
        problems.push_back({"http." + problem.field, problem.message});
    }
    return problems;
}

config::Describe describe(Settings& settings) {
    return [&settings](config::Section& root) {
        http::describe(root.section("http", "The public listener and its limits."), settings.http);
        operations::describe(root.section("operations", "Health and metrics."),
                             settings.operations);
        auto& data = root.section("data", "Where everything is kept.");
        data.path(
            "folder", settings.data.folder,
            "The one folder of this server. Here it is relative to this file; in --set and in "
            "PORTAL__DATA__FOLDER to where the command is given.",
            &settings.data.folder_in_file);
        data.choice("on_sync_failure", settings.data.on_sync_failure, {"stop", "read_only"},
                    "When the disk fails to keep what was written to a log. stop: the server ends. "
                    "read_only: that log takes no changes until the next start.");
        root.section("security", "Who may do what.")
            .choice(
                "mode", settings.security.mode, {"enforced", "open"},
                "enforced: access rules hold. open: everybody may do everything, for trials and "
                "tests on loopback only.");
        auto& log = root.section("log", "Structured log lines (JSON).");
        log.choice("level", settings.log.level, {"debug", "info", "warning", "error"},
                   "The least important lines that are written.");
        log.boolean("console", settings.log.console, "Also to standard error.");
        log.text("file", settings.log.file,
                 "The log file; relative to the data folder; empty for none.");
        log.integer("file_bytes_max", settings.log.file_bytes_max, {65536, std::int64_t{1} << 34},
                    "Size from which a new log file is begun.");
        log.integer("files_max", settings.log.files_max, {1, 1000}, "Log files that are kept.");
        log.integer("queue_lines_max", settings.log.queue_lines_max, {128, 1 << 20},
                    "Lines that may wait for the disk; then the oldest go, and are counted.");
        log.boolean("access", settings.http.access_lines,
                    "One line for each request that was answered, of level info.");
        log.integer("access_every", settings.http.access_lines_every, {1, 1000000},
                    "Of the requests that were not refused, one in so many gets its line.");
        for (const auto& module : declarations(*settings.modules)) module.describe(root);
        check_addresses(root, settings);
    };
}

}  // namespace portal
