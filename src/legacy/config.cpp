#include <algorithm>
#include <set>

#include "legacy/module.hpp"
#include "upstream_choice.hpp"

namespace legacy {

namespace {

void describe_upstream(config::Section& section, UpstreamConfig& upstream) {
    section.text("name", upstream.name,
                 "What routes and metrics call it: small letters, digits, - and _.");
    section.text("prefix", upstream.prefix,
                 "Which paths it is for, as /shop; the longest prefix counts.");
    section.text("url", upstream.url,
                 "http://host:port, https://host (its certificate is checked), or unix:/path.");
    section.integer("weight", upstream.weight, {0, 1000000},
                    "Its share of the requests among those of the same prefix; 0: none.");
}

bool is_name(const std::string& text) {
    return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool is_prefix(const std::string& text) {
    if (text == "/") return true;
    return text.starts_with('/') && !text.ends_with('/') && text.find("//") == text.npos &&
           std::all_of(text.begin(), text.end(), [](char c) {
               constexpr std::string_view others = "/-_.~";
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      others.find(c) != others.npos;
           });
}

void describe_folder(config::Section& section, StaticFolder& folder) {
    section.text("path", folder.path, "Where they are asked for, as /static/ (STATIC_URL).");
    section.path("folder", folder.folder, "Where they lie (STATIC_ROOT, MEDIA_ROOT).");
    bool good = folder.path.size() > 1 && folder.path.front() == '/' && folder.path.back() == '/' &&
                folder.path.find("//") == folder.path.npos;
    if (!good) section.refuse("path", "a path begins and ends with a slash, as /static/.");
    if (folder.folder.empty()) section.refuse("folder", "name the folder.");
}

void check_url(config::Section& section, const std::string& setting, const std::string& url) {
    auto address = http::parse_upstream(url);
    if (!address) section.refuse(setting, address.error().message);
}

void check_upstreams(config::Section& section, const Config& config) {
    if (!config.upstream.empty()) {
        check_url(section, "upstream", config.upstream);
        if (!config.upstreams.empty()) {
            section.refuse("upstream", "name one upstream here, or all of them in upstreams.");
        }
    }
    bool any_asked = config.upstreams.empty() ||
                     std::any_of(config.upstreams.begin(), config.upstreams.end(),
                                 [](const auto& upstream) { return upstream.weight > 0; });
    if (!any_asked) section.refuse("upstreams", "nobody is asked: every weight is 0.");
    std::set<std::string> names;
    for (std::size_t i = 0; i < config.upstreams.size(); ++i) {
        const auto& upstream = config.upstreams[i];
        auto setting = "upstreams." + std::to_string(i) + '.';
        if (!is_name(upstream.name)) {
            section.refuse(
                setting + "name",
                "`" + upstream.name + "` is no name of at most 40 small letters, digits, - and _.");
        } else if (!names.insert(upstream.name).second) {
            section.refuse(setting + "name", "another one is called `" + upstream.name + "`, too.");
        }
        if (!is_prefix(upstream.prefix)) {
            section.refuse(setting + "prefix",
                           "`" + upstream.prefix +
                               "` is no path like /shop: with a slash before it and none after.");
        }
        check_url(section, setting + "url", upstream.url);
    }
}

}  // namespace

UpstreamLimits::UpstreamLimits() {
    client.tunnel_idle_timeout = std::chrono::hours(1);
    // A crowd waits here rather than at a server with a few workers.
    client.queued_max = 4096;
    // As many as there may be: whoever closes a connection that the next request needs pays for
    // two.
    client.pooled_max = client.connections_max;
    // A monolith has slow pages: only one that does not answer at all is given rest.
    breaker.slow_percent = 100;
    breaker.slow_call = std::chrono::minutes(1);
}

void describe(config::Section& section, Config& config) {
    section.text("upstream", config.upstream,
                 "The server that answers what portal does not: http://host:port, https://host or "
                 "unix:/path. Empty: there is none.");
    section.objects("upstreams", config.upstreams,
                    "Instead of `upstream`: several, each for the paths below its prefix.",
                    describe_upstream);
    section.integer("body_bytes_max", config.body_bytes_max, {1024, std::int64_t(1) << 40},
                    "The largest request that is passed on.");
    section.integer("buffer_bytes", config.buffer_bytes, {32 * 1024, 16 * 1024 * 1024},
                    "So much of a request or an answer waits in memory, the rest in a file without "
                    "a name in the data folder.");
    section.integer("spool_bytes_max", config.spool_bytes_max, {0, std::int64_t(1) << 50},
                    "What waits in such files at a time; past it requests are refused, and answers "
                    "come only as fast as their clients take them.");
    section.integer("disk_free_bytes_min", config.disk_free_bytes_min, {0, std::int64_t(1) << 50},
                    "The same when less than this would be free on the disk.");
    section.integer("compare_bytes_max", config.compare_bytes_max, {0, 16 * 1024 * 1024},
                    "Answers that are larger are not compared.");
    section.duration("answer_timeout_ms", config.answer_timeout, {100, 86400000},
                     "An answer that is not whole in this time is cut off, but for those that are "
                     "passed on as they come.");
    section.list("headers_dropped", config.headers_dropped,
                 "Request headers that no client may send to the upstream, since it believes them; "
                 "besides X-Forwarded-*, Forwarded, X-Real-IP, Proxy-*, X-Portal-* and all with an "
                 "underscore, which never pass.");
    describe(section, config.api);
    auto& client = section.section("client", "Connections to the upstreams.");
    http::describe(client, config.limits.client);
    auto& breaker = section.section(
        "breaker",
        "When an upstream is given rest. Answers of its own, whatever their status, are "
        "no failures.");
    resilience::describe(breaker, config.limits.breaker);
    section.objects("static", config.static_folders,
                    "Folders that are served from here, as a web server would: the first load to "
                    "come off a monolith. What is not there the monolith is asked for.",
                    describe_folder);
    describe(section.section("compare", "How much comparing its answers with ours may take."),
             config.compare);
    describe(section.section("sessions",
                             "Logins of a Django site whose people were imported, which count here "
                             "too while both answer."),
             config.sessions);
    check_upstreams(section, config);
    const auto& keys_url = config.sessions.tokens_jwks_url;
    if (!keys_url.empty()) {
        check_url(section, "sessions.tokens_jwks_url", parts_of_address(keys_url).server);
    }
    auto upstreams = upstreams_of(config);
    bool answers = std::any_of(upstreams.begin(), upstreams.end(), [&](const auto& upstream) {
        return upstream.weight > 0 && is_below(upstream.prefix, config.sessions.whoami);
    });
    if (config.sessions.engine == "whoami" && !answers) {
        section.refuse("sessions.engine", "there is no upstream that could be asked for whoami.");
    }
}

std::vector<UpstreamConfig> upstreams_of(const Config& config) {
    if (config.upstream.empty()) return config.upstreams;
    return {{"default", "/", config.upstream, 1}};
}

}  // namespace legacy
