#include "http/router.hpp"

#include <array>
#include <cassert>

#include "target.hpp"

namespace http {

namespace {

constexpr std::size_t method_count = methods.size();
std::size_t index_of(Method method) {
    return static_cast<std::size_t>(method);
}

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

/// What stands after one more segment. A path ends here if a method has a route.
struct Router::Node {
    struct End {
        const Route* route = nullptr;
        std::vector<std::string> names;  ///< of the parameters, in the order of the path
    };

    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    std::array<End, method_count> ends{};

    bool is_path() const {
        for (const auto& end : ends) {
            if (end.route) return true;
        }
        return false;
    }

    /// The node of a whole path. A literal is tried first, and left again if its branch has no
    /// path that fits. `values` are the segments that stood for parameters.
    const Node* find(const std::vector<std::string>& segments, std::size_t depth,
                     std::vector<std::size_t>& values) const {
        if (depth == segments.size()) return is_path() ? this : nullptr;
        if (auto literal = literals.find(segments[depth]); literal != literals.end()) {
            if (auto* found = literal->second->find(segments, depth + 1, values)) return found;
        }
        if (!parameter) return nullptr;
        values.push_back(depth);
        if (auto* found = parameter->find(segments, depth + 1, values)) return found;
        values.pop_back();
        return nullptr;
    }

    std::string allow() const {
        std::string text;
        for (const auto& [method, name] : methods) {
            bool has = ends[index_of(method)].route != nullptr || method == Method::options ||
                       (method == Method::head && ends[index_of(Method::get)].route != nullptr);
            if (!has) continue;
            if (!text.empty()) text += ", ";
            text += name;
        }
        return text;
    }
};

Router::Router(std::map<std::string, std::string> aliases)
    : aliases_(std::move(aliases)), root_(std::make_unique<Node>()) {}

Router::Router(Router&&) noexcept = default;

Router::~Router() = default;

void Router::add(Route route) {
    auto& stored = *routes_.emplace_back(std::make_unique<Route>(std::move(route)));
    std::vector<std::string> segments;
    [[maybe_unused]] bool well_formed = split_path(stored.pattern, segments);
    assert(well_formed);
    Node* node = root_.get();
    std::vector<std::string> names;
    for (const auto& segment : segments) {
        auto& next = is_parameter(segment) ? node->parameter : node->literals[segment];
        if (!next) next = std::make_unique<Node>();
        if (is_parameter(segment)) names.push_back(segment.substr(1, segment.size() - 2));
        node = next.get();
    }
    auto& end = node->ends[index_of(stored.method)];
    assert(!end.route);
    end = {&stored, std::move(names)};
}

namespace {

/// Puts the canonical prefix where an alias stands; of several that fit the longest. Aliases are
/// compared after decoding, segment by segment, so that no spelling of one of them reaches another
/// route than the plain one.
void apply_alias(const std::map<std::string, std::string>& aliases,
                 std::vector<std::string>& segments) {
    std::vector<std::string> from;
    std::vector<std::string> to;
    std::size_t replaced = 0;
    const std::string* meaning = nullptr;
    for (const auto& [alias, stands_for] : aliases) {
        if (!split_path(alias, from) || from.size() <= replaced) continue;
        if (from.size() > segments.size()) continue;
        if (!std::equal(from.begin(), from.end(), segments.begin())) continue;
        replaced = from.size();
        meaning = &stands_for;
    }
    if (!meaning || !split_path(*meaning, to)) return;
    segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(replaced));
    segments.insert(segments.begin(), to.begin(), to.end());
}

}  // namespace

Router::Match Router::match(Request& request) const {
    request.path.clear();
    request.parameters.clear();
    std::vector<std::string> segments;
    if (!split_path(request.target.substr(0, request.target.find('?')), segments)) return {};
    apply_alias(aliases_, segments);
    for (const auto& segment : segments) request.path.append("/").append(segment);
    if (segments.empty()) request.path = "/";

    std::vector<std::size_t> values;
    const Node* node = root_->find(segments, 0, values);
    if (!node) return {};
    auto* end = &node->ends[index_of(request.method)];
    if (!end->route && request.method == Method::head) end = &node->ends[index_of(Method::get)];
    if (!end->route) return {nullptr, node->allow()};
    for (std::size_t i = 0; i < values.size(); ++i) {
        request.parameters.emplace_back(end->names[i], std::move(segments[values[i]]));
    }
    return {end->route, node->allow()};
}

}  // namespace http
