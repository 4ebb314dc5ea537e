#include "route_json.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace legacy {

namespace {

constexpr std::size_t routes_max = 200;
constexpr std::size_t segments_max = 16;
constexpr std::int64_t size_most = 100;

/// Reads one route after the other.
class RouteReader {
public:
    RouteReader(const RouteGround& ground, JsonProblems& problems)
        : problems_(problems),
          typed_(problems),
          ground_(ground.api),
          shapes_(ground.shapes),
          names_missing_(ground.names_missing) {}

    ApiRoute read(const JsonPlace& place) {
        ApiRoute route;
        route.pages.offset_max = ground_.offset_max;
        route.pages.empty_page_is_first = names_missing_;
        std::string answers;
        if (place.has("answers")) {
            answers = typed_.text(place.at("answers")).value_or("");
            if (answers != "list" && answers != "item") {
                problems_.add(place.at("answers").path, "must be list or item.");
            }
        } else {
            problems_.add(place.path + ".answers", "is missing: list or item.");
        }
        route.is_list = answers != "item";
        static const Names of_list = {"path",  "answers",   "types", "envelope",
                                      "query", "page_size", "item",  "refuses"};
        static const Names of_item = {"path", "answers", "types",     "key",
                                      "item", "model",   "not_found", "refuses"};
        if (!typed_.object(place, route.is_list ? of_list : of_item)) return route;
        read_types(place, route);
        read_shape(place, route);
        if (place.has("refuses")) read_refuses(place.at("refuses"), route);
        if (route.is_list) {
            read_list(place, route);
        } else {
            read_item(place, route);
        }
        read_path(place, route);
        check_filters(place, route);
        return route;
    }

private:
    void read_types(const JsonPlace& place, ApiRoute& route) {
        route.types = ground_.types;
        if (!place.has("types")) return;
        auto types = place.at("types");
        route.types.clear();
        if (types.value.is_object()) {
            for (const auto& [word, value] : types.value.items()) {
                read_type(types.at(word), route);
                if (!route.types.empty()) route.type_words[word] = route.types.back();
            }
        } else if (typed_.list(types)) {
            for (std::size_t i = 0; i < types.value.size(); ++i) read_type(types.at(i), route);
        }
        if (types.value.empty()) problems_.add(types.path, "needs at least one news type.");
    }

    void read_type(const JsonPlace& place, ApiRoute& route) {
        auto type = typed_.text(place);
        if (!type) return;
        const auto& known = ground_.types;
        if (std::find(known.begin(), known.end(), *type) == known.end()) {
            problems_.add(place.path, in_quotes(*type) + " is no news type; there are " +
                                          joined({known.begin(), known.end()}) + ".");
        }
        if (std::find(route.types.begin(), route.types.end(), *type) != route.types.end()) {
            problems_.add(place.path, in_quotes(*type) + " stands there twice.");
        }
        route.types.push_back(*type);
    }

    void read_shape(const JsonPlace& place, ApiRoute& route) {
        if (!place.has("item")) {
            problems_.add(place.path + ".item", "is missing: the name of a shape.");
            return;
        }
        auto name = typed_.text(place.at("item"));
        if (!name) return;
        auto shape = shapes_.find(*name);
        if (shape == shapes_.end()) {
            problems_.add(place.at("item").path,
                          in_quotes(*name) + " is no shape; the file has to have it in shapes.");
            return;
        }
        route.item = shape->second;
    }

    void read_refuses(const JsonPlace& place, ApiRoute& route) {
        if (!typed_.list(place)) return;
        static const Names known = {"POST", "PUT", "PATCH", "DELETE"};
        for (std::size_t i = 0; i < place.value.size(); ++i) {
            auto method = typed_.text(place.at(i));
            if (!method) continue;
            bool good = std::find(known.begin(), known.end(), *method) != known.end() &&
                        std::find(route.refuses.begin(), route.refuses.end(), *method) ==
                            route.refuses.end();
            if (!good) {
                problems_.add(place.at(i).path,
                              "must be one of " + joined(known) + ", each of them once.");
            } else {
                route.refuses.push_back(*method);
            }
        }
    }

    void read_item(const JsonPlace& place, ApiRoute& route) {
        if (place.has("key")) {
            auto key = typed_.text(place.at("key"));
            if (key == "slug" || key == "legacy_id") {
                problems_.add(
                    place.at("key").path,
                    "is " + in_quotes(*key) + ", which news does not have yet; it has id.");
            } else if (key && key != "id") {
                problems_.add(place.at("key").path, "must be id.");
            }
        }
        if (place.has("model")) route.model = typed_.text(place.at("model")).value_or("");
        if (place.has("not_found")) route.not_found = place.at("not_found").value.dump();
    }

    void read_list(const JsonPlace& place, ApiRoute& route) {
        if (place.has("envelope")) {
            auto word = typed_.text(place.at("envelope"));
            auto envelope = word ? parse_envelope(*word) : std::nullopt;
            if (envelope) route.pages.envelope = *envelope;
            if (word && !envelope) {
                problems_.add(place.at("envelope").path,
                              "must be page_number, limit_offset, cursor or array.");
            }
        } else {
            problems_.add(place.path + ".envelope",
                          "is missing: page_number, limit_offset, cursor or array.");
        }
        route.pages.page = route.pages.envelope == Envelope::page_number ? "page" : "";
        route.pages.limit = route.pages.envelope == Envelope::limit_offset ? "limit" : "";
        route.pages.offset = route.pages.envelope == Envelope::limit_offset ? "offset" : "";
        route.pages.cursor = route.pages.envelope == Envelope::cursor ? "cursor" : "";
        if (place.has("query") && typed_.object(place.at("query"))) {
            read_query(place.at("query"), route);
        }
        if (place.has("page_size")) read_page_size(place.at("page_size"), route);
    }

    /// What a word of ours in `query` names, and the envelope that it belongs to.
    struct Parameter {
        std::string_view word;
        std::string* name;
        bool fits;
    };

    void read_query(const JsonPlace& place, ApiRoute& route) {
        auto& pages = route.pages;
        auto envelope = pages.envelope;
        std::string sort;
        const std::array<Parameter, 9> parameters = {
            {{"page", &pages.page, envelope == Envelope::page_number},
             {"limit", &pages.limit, envelope != Envelope::array},
             {"offset", &pages.offset, envelope == Envelope::limit_offset},
             {"cursor", &pages.cursor, envelope == Envelope::cursor},
             {"type", &route.type_parameter, true},
             {"tag", &route.tag_parameter, true},
             {"author", &route.author_parameter, true},
             {"language", &route.language_parameter, true},
             {"sort", &sort, true}}};
        std::set<std::string> seen;
        for (const auto& [theirs, value] : place.value.items()) {
            auto where = place.at(theirs);
            auto ours = typed_.text(where);
            if (!ours) continue;
            auto known = std::find_if(parameters.begin(), parameters.end(),
                                      [&](const auto& one) { return one.word == *ours; });
            if (known == parameters.end()) {
                problems_.add(where.path,
                              "must be page, limit, offset, cursor, type, tag, author, language "
                              "or sort.");
            } else if (!known->fits) {
                problems_.add(where.path, "is " + *ours + ", which this envelope does not have.");
            } else if (!seen.insert(*ours).second) {
                problems_.add(where.path, "is " + *ours + ", as another parameter is already.");
            } else if (theirs.empty()) {
                problems_.add(where.path, "needs a name.");
            } else {
                *known->name = theirs;
            }
        }
    }

    void read_page_size(const JsonPlace& place, ApiRoute& route) {
        auto& pages = route.pages;
        if (!place.value.is_object()) {
            if (auto size = typed_.number(place, 1, size_most)) pages.size_default = *size;
            return;
        }
        if (!typed_.object(place, {"default", "max"})) return;
        if (place.has("max")) {
            if (auto most = typed_.number(place.at("max"), 1, size_most)) pages.size_max = *most;
        }
        if (place.has("default")) {
            auto size = typed_.number(place.at("default"), 1, size_most);
            if (size) pages.size_default = *size;
            if (size && *size > pages.size_max) {
                problems_.add(place.at("default").path, "is more than max.");
            }
        }
    }

    void read_path(const JsonPlace& place, ApiRoute& route) {
        if (!place.has("path")) {
            problems_.add(place.path + ".path", "is missing.");
            return;
        }
        auto where = place.at("path");
        auto path = typed_.text(where);
        if (!path) return;
        if (path->size() > 1 && path->ends_with('/')) path->pop_back();
        std::string form;
        std::size_t count = 0;
        if (!path->starts_with('/') || path->size() < 2) {
            problems_.add(where.path, "must begin with a slash, and be more than that.");
            return;
        }
        std::string_view rest = *path;
        while (!rest.empty()) {
            rest.remove_prefix(1);
            auto segment = rest.substr(0, rest.find('/'));
            rest.remove_prefix(segment.size());
            form += read_segment(where, segment, ++count == 1, route);
        }
        if (count > segments_max) problems_.add(where.path, "has more than 16 segments.");
        if (!forms_.insert(form).second) {
            problems_.add(where.path, "is the path of another route as well.");
        }
        if (!route.is_list && route.key.empty()) {
            problems_.add(where.path, "needs a parameter for the item, as {id}.");
        }
        route.path = *path;
    }

    /// How the router sees it: the names of parameters tell no paths apart.
    std::string read_segment(const JsonPlace& where, std::string_view segment, bool is_first,
                             ApiRoute& route) {
        if (segment.starts_with('{') && segment.ends_with('}')) {
            auto name = segment.substr(1, segment.size() - 2);
            if (!is_token(name)) problems_.add(where.path, "has a parameter without a good name.");
            read_parameter(where, std::string(name), route);
            return "/{}";
        }
        static const Names ours = {"v1", "console", "docs", ".well-known"};
        if (is_first && std::find(ours.begin(), ours.end(), segment) != ours.end()) {
            problems_.add(where.path, "begins with /" + std::string(segment) +
                                          ", where the paths of this server are.");
        }
        bool good = !segment.empty() && segment != "." && segment != ".." &&
                    std::all_of(segment.begin(), segment.end(), [](char c) {
                        return c > ' ' && c <= '~' &&
                               std::string_view("%?#{}\\\"<>").find(c) == std::string_view::npos;
                    });
        if (!good) {
            problems_.add(where.path, "has the segment " + in_quotes(segment) +
                                          "; a segment is a word in ASCII, or one parameter.");
        }
        return "/" + std::string(segment);
    }

    void read_parameter(const JsonPlace& where, const std::string& name, ApiRoute& route) {
        auto take = [&](std::string& parameter) {
            if (!parameter.empty()) {
                problems_.add(where.path, "has {" + name + "}, which is asked for already.");
            }
            parameter = "{" + name + "}";
        };
        if (name == "type") return take(route.type_parameter);
        if (!route.is_list) {
            if (!route.key.empty()) {
                problems_.add(where.path, "has {" + name + "} beside {" + route.key +
                                              "}: one parameter is the item's, and one may be "
                                              "{type}.");
            }
            route.key = name;
            return;
        }
        if (name == "tag") return take(route.tag_parameter);
        if (name == "author") return take(route.author_parameter);
        if (name == "language") return take(route.language_parameter);
        problems_.add(where.path, "has {" + name +
                                      "}; a list's path may have {type}, {tag}, {author} and "
                                      "{language}.");
    }

    void check_filters(const JsonPlace& place, const ApiRoute& route) {
        if (!route.author_parameter.empty() && !ground_.lists_authors) {
            problems_.add(place.path, "asks by author: that needs the setting news.author_lists.");
        }
    }

    JsonProblems& problems_;
    TypedJson typed_;
    const ApiGround& ground_;
    const std::map<std::string, Shape>& shapes_;
    const bool names_missing_;
    std::set<std::string> forms_;
};

}  // namespace

std::vector<ApiRoute> routes_from_json(const JsonPlace& places, const RouteGround& ground,
                                       JsonProblems& problems) {
    std::vector<ApiRoute> routes;
    TypedJson typed(problems);
    if (!typed.list(places)) return routes;
    if (places.value.size() > routes_max) problems.add(places.path, "has more than 200 routes.");
    RouteReader reader(ground, problems);
    for (std::size_t i = 0; i < places.value.size(); ++i) {
        auto place = places.at(i);
        if (typed.object(place)) routes.push_back(reader.read(place));
    }
    return routes;
}

}  // namespace legacy
