#include "support/chromium.hpp"

namespace support {

namespace {

/// The program itself: what Debian has in the path is a script, which would be killed instead of
/// it.
std::filesystem::path program() {
    std::filesystem::path shell = "/usr/lib/chromium/chromium-headless-shell";
    return std::filesystem::exists(shell) ? shell : find_program("chromium");
}

Process::Options options_for(const std::string& profile, const std::string& url) {
    Process::Options options;
    options.arguments = {"--headless",
                         "--no-sandbox",
                         "--disable-gpu",
                         "--disable-quic",
                         "--disable-dev-shm-usage",
                         "--no-first-run",
                         "--disable-background-networking",
                         "--disable-component-update",
                         "--disable-sync",
                         "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                         "--user-data-dir=" + profile,
                         url};
    options.environment = {{"HOME", profile}};
    return options;
}

}  // namespace

bool Chromium::is_installed() {
    return !program().empty();
}

Chromium::Chromium(const std::string& url)
    : process_(program(), options_for(profile_.path().string(), url)) {}

}  // namespace support
