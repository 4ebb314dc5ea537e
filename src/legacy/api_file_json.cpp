#include "api_file_json.hpp"

#include <algorithm>
#include <cctype>

#include "base/problems.hpp"
#include "base/text.hpp"
#include "config/strict_json.hpp"
#include "route_json.hpp"
#include "shape_json.hpp"

namespace legacy {

namespace {

bool is_field_value(std::string_view text) {
    return text.size() <= 500 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool equal_any_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return std::tolower(x) == std::tolower(y); });
}

/// Reads the file as a whole.
class FileReader {
public:
    explicit FileReader(const ApiGround& ground) : ground_(ground) {}

    ApiFile read(const JsonPlace& place) {
        ApiFile file;
        file.names_missing = true;
        if (!typed_.object(place, {"time_zone", "time_precision", "base_url", "drf_version",
                                   "headers", "routes", "shapes"})) {
            return file;
        }
        TimeStyle style;
        style_from_json(place, "time_precision", zones_, problems_, style);
        read_site(place, file);
        file.headers = {{"Allow", "GET, HEAD, OPTIONS"}, {"Vary", "Accept"}};
        if (place.has("headers")) read_headers(place.at("headers"), file);
        std::map<std::string, Shape> shapes;
        if (place.has("shapes") && typed_.object(place.at("shapes"))) {
            ShapeGround ground{std::move(style), ground_.types, zones_};
            for (const auto& [name, value] : place.at("shapes").value.items()) {
                shapes[name] = shape_from_json(place.at("shapes").at(name), ground, problems_);
            }
        }
        read_routes(place, shapes, file);
        return file;
    }
    std::vector<base::Problem>& problems() { return problems_.all(); }

private:
    void read_site(const JsonPlace& place, ApiFile& file) {
        if (place.has("base_url")) {
            auto url = typed_.text(place.at("base_url")).value_or("");
            bool known = url.empty() || url.starts_with("https://") || url.starts_with("http://");
            if (!known || !is_field_value(url) || url.find_first_of(" ?#\"") != url.npos) {
                problems_.add(place.at("base_url").path,
                              "must be a URL such as https://example.org, or empty.");
            }
            while (url.ends_with('/')) url.pop_back();
            file.base_url = std::move(url);
        }
        if (!place.has("drf_version")) return;
        auto version = typed_.text(place.at("drf_version"));
        if (!version) return;
        auto minor = version->starts_with("3.")
                         ? base::parse_number(version->substr(2, version->find('.', 2) - 2), 99)
                         : std::nullopt;
        if (!minor) problems_.add(place.at("drf_version").path, "must be a version such as 3.14.");
        file.names_missing = !minor || *minor >= 15;
    }

    void read_headers(const JsonPlace& place, ApiFile& file) {
        if (!typed_.object(place)) return;
        static const Names ours = {
            "Connection",       "Content-Length", "Content-Type",      "Date",    "ETag",
            "Keep-Alive",       "Set-Cookie",     "Transfer-Encoding", "Trailer", "Upgrade",
            "Content-Encoding", "X-Request-Id",   "Cache-Control"};
        for (const auto& [name, value] : place.value.items()) {
            auto where = place.at(name);
            auto text = typed_.text(where);
            if (!text) continue;
            auto is_it = [&, given = std::string_view(name)](std::string_view known) {
                return equal_any_case(known, given);
            };
            if (!is_token(name) || std::any_of(ours.begin(), ours.end(), is_it)) {
                problems_.add(where.path, "is no header that can be set here.");
            } else if (!is_field_value(*text)) {
                problems_.add(where.path, "must be one line of ASCII.");
            } else {
                std::erase_if(file.headers, [&](const auto& one) { return is_it(one.first); });
                if (!text->empty()) file.headers[name] = *text;
            }
        }
    }

    void read_routes(const JsonPlace& place, const std::map<std::string, Shape>& shapes,
                     ApiFile& file) {
        if (!place.has("routes")) {
            problems_.add("routes", "is missing: the list of the routes.");
            return;
        }
        RouteGround ground{ground_, shapes, file.names_missing};
        file.routes = routes_from_json(place.at("routes"), ground, problems_);
    }

    const ApiGround& ground_;
    JsonProblems problems_;
    TypedJson typed_{problems_};
    Zones zones_{problems_};
};

}  // namespace

base::Result<ApiFile> api_file_from_json(std::string_view text, const ApiGround& ground) {
    config::JsonLimits limits;
    limits.comments = true;
    auto strict = config::parse_strict_json(text, limits);
    if (!strict) return strict.error();
    // Once more, because that one forgets the order of members; what could be wrong is known.
    auto ordered = Json::parse(text, nullptr, false, true);
    FileReader reader(ground);
    auto file = reader.read({ordered, ""});
    if (reader.problems().empty()) return file;
    return base::invalid_input("invalid_legacy_api",
                               "The file of legacy.api cannot be used: ", reader.problems());
}

}  // namespace legacy
