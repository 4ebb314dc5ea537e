#include "input_json.hpp"

#include "base/problems.hpp"

namespace recommendation {

namespace {

constexpr std::size_t given_bytes_max = 200;
constexpr std::int64_t dwell_max = 86'400'000;
constexpr const char* hide = "hide";
/// More would only repeat what these say.
constexpr std::size_t problems_max = 20;

std::optional<LogKind> kind_of(const std::string& word) {
    if (word == "view") return LogKind::view;
    if (word == "impression") return LogKind::impression;
    if (word == "like") return LogKind::like;
    if (word == "share") return LogKind::share;
    return std::nullopt;
}

/// Reads one visit, and says what is wrong with it.
class VisitReader {
public:
    VisitReader(const nlohmann::json& from, std::string field, std::vector<base::Problem>& problems)
        : from_(from), field_(std::move(field)), problems_(problems) {}

    ReaderVisit read(const VisitRules& rules, base::Time now) {
        ReaderVisit visit;
        if (!from_.is_object()) {
            refuse("", "must be an object");
            return visit;
        }
        auto kind = text("kind");
        visit.hides = kind == hide;
        auto known = kind ? kind_of(*kind) : std::nullopt;
        if (!known && !visit.hides) refuse("kind", "must be view, impression, like, share or hide");
        visit.kind = known.value_or(LogKind::view);
        auto item = text("item");
        auto article = item ? parse_article_name(*item) : std::nullopt;
        if (!article) refuse("item", "must be a type and an id, as sports/17");
        visit.article = article.value_or(ArticleName());
        visit.name = text("event_id").value_or("");
        if (visit.name.size() > given_bytes_max) refuse("event_id", "has more than 200 bytes");
        visit.at = now;
        if (auto at = text("at")) {
            auto time = base::parse_rfc3339(*at);
            if (!time) refuse("at", "must be an RFC 3339 time, as 2026-05-04T10:20:30Z");
            visit.at = time.value_or(now);
        }
        auto dwell = dwell_time();
        bool is_short = dwell && *dwell < rules.short_view;
        if (visit.kind == LogKind::view && is_short) visit.kind = LogKind::short_view;
        return visit;
    }

private:
    std::optional<std::string> text(const char* name) {
        auto found = from_.find(name);
        if (found == from_.end()) return std::nullopt;
        if (found->is_string()) return found->get<std::string>();
        refuse(name, "must be text");
        return std::nullopt;
    }
    std::optional<std::chrono::milliseconds> dwell_time() {
        auto found = from_.find("dwell_ms");
        if (found == from_.end()) return std::nullopt;
        bool is_good = found->is_number_unsigned() &&
                       found->get<std::uint64_t>() <= static_cast<std::uint64_t>(dwell_max);
        if (is_good) return std::chrono::milliseconds(found->get<std::int64_t>());
        refuse("dwell_ms", "must be milliseconds, at most a day");
        return std::nullopt;
    }
    void refuse(const std::string& name, const char* why) {
        if (problems_.size() == problems_max) return;
        problems_.push_back({name.empty() ? field_ : field_ + "." + name, why});
    }

    const nlohmann::json& from_;
    const std::string field_;
    std::vector<base::Problem>& problems_;
};

}  // namespace

base::Result<GivenVisits> visits_from_json(const nlohmann::json& body, const VisitRules& rules,
                                           base::Time now) {
    if (!body.is_object() || !body.contains("visits") || !body.at("visits").is_array()) {
        return base::malformed("malformed_visits",
                               R"(Send {"visits": [{"kind": "view", "item": "sports/17"}]}.)");
    }
    const auto& all = body.at("visits");
    if (std::ssize(all) > rules.visits_max) {
        return base::Error{base::Reason::invalid, "too_many_visits",
                           "At most " + std::to_string(rules.visits_max) +
                               " visits are taken at once. Send the rest by itself."};
    }
    GivenVisits given;
    std::vector<base::Problem> problems;
    if (auto session = body.find("session"); session != body.end()) {
        bool is_good = session->is_string() &&
                       session->get_ref<const std::string&>().size() <= given_bytes_max;
        if (is_good) given.session = session->get<std::string>();
        if (!is_good) problems.push_back({"session", "must be text of at most 200 bytes"});
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        VisitReader reader(all.at(i), "visits[" + std::to_string(i) + "]", problems);
        given.visits.push_back(reader.read(rules, now));
    }
    if (!problems.empty()) {
        return base::invalid_input("malformed_visits", "The visits cannot be taken: ", problems);
    }
    return given;
}

base::Result<bool> personalisation_from_json(const nlohmann::json& body) {
    bool is_good = body.is_object() && body.contains("personalisation") &&
                   body.at("personalisation").is_boolean();
    if (is_good) return body.at("personalisation").get<bool>();
    return base::malformed("malformed_privacy", R"(Send {"personalisation": false}, or true.)");
}

}  // namespace recommendation
