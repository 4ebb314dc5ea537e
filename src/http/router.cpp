#include "http/router.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "http/target.hpp"

namespace http {

namespace {

static_assert(Router::segments_max == SplitPath::segments_max);

constexpr std::size_t fallback_number = 1;
constexpr std::size_t method_count = methods.size();
std::size_t index_of(Method method) {
    return static_cast<std::size_t>(method);
}

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// A parameter with letters around it, as `sitemap-{month}.xml`.
bool has_parameter_within(std::string_view segment) {
    auto open = segment.find('{');
    return open != segment.npos && segment.find('}', open) != segment.npos &&
           !is_parameter(segment);
}

bool is_tail(std::string_view segment) {
    return segment.size() > 5 && is_parameter(segment) && segment.ends_with("...}");
}

std::string name_in(std::string_view segment) {
    auto around = is_tail(segment) ? 5u : 2u;
    return std::string(segment.substr(1, segment.size() - around));
}

}  // namespace

/// What stands after one more segment. A path ends here if a method has a route.
struct Router::Node {
    struct End {
        const Route* route = nullptr;
        std::vector<std::string> names;  ///< of the parameters, in the order of the path
    };
    /// The segments that stood for parameters, and how much of each is the pattern's.
    struct Values {
        struct Value {
            std::uint8_t at = 0;
            std::uint16_t before = 0;
            std::uint16_t after = 0;
        };
        std::array<Value, SplitPath::segments_max> all{};
        std::size_t count = 0;
    };
    /// What has a parameter between these.
    struct Within {
        std::string before;
        std::string after;
        std::unique_ptr<Node> node;

        bool fits(std::string_view word) const {
            return word.size() > before.size() + after.size() && word.starts_with(before) &&
                   word.ends_with(after);
        }
    };

    /// The words that may come next: so few that looking at each is faster than a tree of them.
    std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
    std::vector<Within> within;
    std::unique_ptr<Node> parameter;
    std::unique_ptr<Node> tail;
    std::array<End, method_count> ends{};
    std::string allow{};  ///< empty: no path ends here
    bool is_tail = false;

    const Node* after(std::string_view word) const {
        for (const auto& [literal, node] : literals) {
            if (literal == word) return node.get();
        }
        return nullptr;
    }
    std::unique_ptr<Node>& place_for(const std::string& word) {
        for (auto& [literal, node] : literals) {
            if (literal == word) return node;
        }
        return literals.emplace_back(word, nullptr).second;
    }

    std::unique_ptr<Node>& place_between(std::string_view before, std::string_view after) {
        for (auto& one : within) {
            if (one.before == before && one.after == after) return one.node;
        }
        auto& added = within.emplace_back();
        added.before = before;
        added.after = after;
        return added.node;
    }

    /// The node of a whole path. A literal is tried first, and left again if its branch has no
    /// path that fits.
    const Node* find(std::string_view path, const SplitPath& split, std::size_t depth,
                     Values& values) const {
        if (depth == split.count) return !split.more && !allow.empty() ? this : tail.get();
        if (const auto* literal = after(split.segment(path, depth))) {
            if (auto* found = literal->find(path, split, depth + 1, values)) return found;
        }
        for (const auto& one : within) {
            if (!one.fits(split.segment(path, depth))) continue;
            values.all[values.count++] = {static_cast<std::uint8_t>(depth),
                                          static_cast<std::uint16_t>(one.before.size()),
                                          static_cast<std::uint16_t>(one.after.size())};
            if (auto* found = one.node->find(path, split, depth + 1, values)) return found;
            --values.count;
        }
        if (parameter) {
            values.all[values.count++] = {static_cast<std::uint8_t>(depth)};
            if (auto* found = parameter->find(path, split, depth + 1, values)) return found;
            --values.count;
        }
        return tail.get();
    }

    void write_allow() {
        allow.clear();
        for (const auto& [method, name] : methods) {
            bool has = ends[index_of(method)].route != nullptr || method == Method::options ||
                       (method == Method::head && ends[index_of(Method::get)].route != nullptr);
            if (!has) continue;
            if (!allow.empty()) allow += ", ";
            allow += name;
        }
    }
};

/// Aliases are compared after decoding, segment by segment, so that no spelling of one of them
/// reaches another route than the plain one.
struct Router::Alias {
    std::vector<std::string> from;
    std::string to;
    SplitPath to_split;

    bool fits(std::string_view path, const SplitPath& split) const {
        if (from.size() > split.count) return false;
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (split.segment(path, i) != from[i]) return false;
        }
        return true;
    }
};

Router::Router(std::map<std::string, std::string> aliases) : root_(std::make_unique<Node>()) {
    for (const auto& [from, to] : aliases) {
        Alias alias;
        bool good = split_path(from, alias.from) && split_path(to, alias.to, alias.to_split);
        if (good && !alias.from.empty()) aliases_.push_back(std::move(alias));
    }
    std::stable_sort(aliases_.begin(), aliases_.end(),
                     [](const auto& a, const auto& b) { return a.from.size() > b.from.size(); });
}

Router::Router(Router&&) noexcept = default;

Router::~Router() = default;

void Router::add(Route route) {
    // Where somebody has to be logged in, whoever brings a login that has ended hears just that.
    if (route.access != Access::anyone) route.credentials = Credentials::required;
    auto& stored = *routes_.emplace_back(std::make_unique<Route>(std::move(route)));
    stored.number = fallback_number + routes_.size();
    std::vector<std::string> segments;
    [[maybe_unused]] bool well_formed = split_path(stored.pattern, segments);
    assert(well_formed && segments.size() <= segments_max);
    Node* node = root_.get();
    std::vector<std::string> names;
    for (const auto& segment : segments) {
        assert(!node->is_tail);
        auto open = std::min(segment.find('{'), segment.size());
        auto close = std::min(segment.find('}', open), segment.size());
        bool is_within = has_parameter_within(segment);
        std::string_view text = segment;
        auto& next = is_tail(segment)        ? node->tail
                     : is_parameter(segment) ? node->parameter
                     : is_within ? node->place_between(text.substr(0, open), text.substr(close + 1))
                                 : node->place_for(segment);
        if (!next) next = std::make_unique<Node>();
        if (is_parameter(segment)) names.push_back(name_in(segment));
        if (is_within) names.push_back(segment.substr(open + 1, close - open - 1));
        node = next.get();
        node->is_tail = is_tail(segment);
    }
    auto& end = node->ends[index_of(stored.method)];
    assert(!end.route);
    end = {&stored, std::move(names)};
    node->write_allow();
}

const Route& Router::fallback(Route route) {
    assert(!fallback_);
    if (route.access != Access::anyone) route.credentials = Credentials::required;
    fallback_ = std::make_unique<Route>(std::move(route));
    fallback_->number = fallback_number;
    return *fallback_;
}

std::string_view Router::pattern(std::size_t number) const {
    if (number == 0) return "unmatched";
    if (number == fallback_number) return fallback_ ? fallback_->pattern : std::string_view();
    return routes_[number - fallback_number - 1]->pattern;
}

/// Puts the canonical prefix where an alias stands.
void Router::apply_alias(Request& request, SplitPath& split) const {
    auto found = std::find_if(aliases_.begin(), aliases_.end(),
                              [&](const auto& alias) { return alias.fits(request.path, split); });
    if (found == aliases_.end()) return;
    auto removed = found->from.size();
    std::size_t end = split.segments[removed - 1].end;
    auto changed = found->to_split;
    // The root as a meaning has a slash of its own.
    std::string_view to = changed.count == 0 ? std::string_view() : found->to;
    for (auto i = removed; i < split.count && changed.count < segments_max; ++i) {
        auto shift = [&](std::uint16_t at) {
            return static_cast<std::uint16_t>(at - end + to.size());
        };
        changed.segments[changed.count++] = {shift(split.segments[i].at),
                                             shift(split.segments[i].end)};
    }
    changed.more = split.more || changed.count < found->to_split.count + split.count - removed;
    request.path.replace(0, end, to);
    if (request.path.empty()) request.path.push_back('/');
    split = changed;
}

Router::Match Router::match(Request& request) const {
    request.parameters.clear();
    SplitPath split;
    if (!split_path(request.target.substr(0, request.target.find('?')), request.path, split)) {
        request.path.clear();
        return {fallback_.get(), {}};
    }
    apply_alias(request, split);

    Node::Values values;
    const Node* node = root_->find(request.path, split, 0, values);
    if (!node) return {fallback_.get(), {}};
    auto* end = &node->ends[index_of(request.method)];
    if (!end->route && request.method == Method::head) end = &node->ends[index_of(Method::get)];
    if (!end->route) return {nullptr, node->allow};
    std::string_view path = request.path;
    for (std::size_t i = 0; i < values.count; ++i) {
        const auto& value = values.all[i];
        auto word = split.segment(path, value.at);
        word.remove_prefix(value.before);
        word.remove_suffix(value.after);
        request.parameters.emplace_back(end->names[i], word);
    }
    if (node->is_tail) {
        auto depth = std::count(end->route->pattern.begin(), end->route->pattern.end(), '/') - 1;
        auto number = static_cast<std::size_t>(depth);
        auto rest = number < split.count ? path.substr(split.segments[number].at) : "";
        request.parameters.emplace_back(end->names.back(), rest);
    }
    return {end->route, {}};
}

}  // namespace http
