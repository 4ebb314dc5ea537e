#include "address.hpp"

#include <algorithm>

#include "base/secret_file.hpp"
#include "base/text.hpp"

namespace reporting {

namespace {

base::Error unusable(const std::string& why) {
    return {base::Reason::invalid, "sentry_dsn_unusable", why};
}

bool is_word(std::string_view text) {
    auto belongs = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), belongs);
}

bool is_path(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7f' && c != '#' && c != '"' && c != '<' && c != '>';
    });
}

}  // namespace

base::Result<Destination> parse_endpoint(const std::string& url, const std::string& path_if_none) {
    auto scheme = url.find("://");
    auto slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    auto server = http::parse_upstream(url.substr(0, slash));
    if (!server) return server.error();
    if (server->is_unix()) {
        return base::Error{base::Reason::invalid, "invalid_upstream",
                           "`" + url + "` is no address of a collector: http(s)://host:port."};
    }
    Destination destination{*server, path_if_none};
    if (slash == std::string::npos || slash + 1 == url.size()) return destination;
    destination.target = url.substr(slash);
    if (is_path(destination.target)) return destination;
    return base::Error{base::Reason::invalid, "invalid_upstream",
                       "`" + url + "` has characters that no path has."};
}

base::Result<SentryProject> parse_dsn(const std::string& dsn) {
    constexpr const char* form = "A DSN has the form https://KEY@host/PROJECT.";
    auto scheme = dsn.find("://");
    if (scheme == std::string::npos) return unusable(form);
    auto begin = scheme + 3;
    auto at = dsn.find('@', begin);
    if (at == std::string::npos || dsn.find('/', begin) < at) return unusable(form);
    SentryProject project;
    project.dsn = dsn;
    project.key = dsn.substr(begin, at - begin);
    // Older ones have a second, secret part, which is not used any more.
    project.key = project.key.substr(0, project.key.find(':'));
    auto last = dsn.rfind('/');
    if (!is_word(project.key) || last < at) return unusable(form);
    auto number = dsn.substr(last + 1);
    if (!is_word(number)) return unusable(form);
    auto first = dsn.find('/', at);
    auto server = http::parse_upstream(dsn.substr(0, begin) + dsn.substr(at + 1, first - at - 1));
    auto before = dsn.substr(first, last - first);
    if (!server || !is_path(before)) return unusable(form);
    project.destination = {*server, before + "/api/" + number + "/envelope/"};
    return project;
}

base::Result<SentryProject> read_dsn(const std::string& file) {
    auto text = base::read_secret_file(file);
    if (!text) return unusable(text.error().message);
    auto project = parse_dsn(*text);
    if (!project) {
        return unusable("The file " + file.substr(file.rfind('/') + 1) + " holds no DSN. " +
                        project.error().message);
    }
    return project;
}

}  // namespace reporting
