#include "input_json.hpp"

#include "base/problems.hpp"

namespace webhooks {

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t position_max = (std::uint64_t{1} << 53) - 1;

/// Reads members and collects what is wrong with them.
class Members {
public:
    explicit Members(const Json& body) : body_(body) {}

    std::optional<std::string> text(const char* name) {
        const auto* value = find(name);
        if (!value) return std::nullopt;
        if (value->is_string()) return value->get<std::string>();
        malformed(name, "must be text");
        return std::nullopt;
    }
    std::optional<bool> truth(const char* name) {
        const auto* value = find(name);
        if (!value) return std::nullopt;
        if (value->is_boolean()) return value->get<bool>();
        malformed(name, "must be true or false");
        return std::nullopt;
    }
    std::optional<std::vector<std::string>> texts(const char* name) {
        const auto* value = find(name);
        if (!value) return std::nullopt;
        std::vector<std::string> all;
        bool good = value->is_array();
        for (std::size_t i = 0; good && i < value->size(); ++i) {
            good = value->at(i).is_string();
            if (good) all.push_back(value->at(i).get<std::string>());
        }
        if (good) return all;
        malformed(name, "must be a list of texts");
        return std::nullopt;
    }
    void refuse(const std::string& field, const char* why) { problems_.push_back({field, why}); }
    bool good() const { return problems_.empty(); }
    base::Error refusal() const {
        return base::invalid_input(malformed_ ? "malformed_webhook" : "invalid_webhook",
                                   "The webhook cannot be taken: ", problems_);
    }

private:
    const Json* find(const char* name) const {
        auto found = body_.find(name);
        return found == body_.end() ? nullptr : &*found;
    }
    void malformed(const char* name, const char* why) {
        malformed_ = true;
        refuse(name, why);
    }

    const Json& body_;
    std::vector<base::Problem> problems_;
    bool malformed_ = false;
};

bool is_all(const std::vector<std::string>& words) {
    return words.size() == 1 && words[0] == "*";
}

}  // namespace

base::Result<SettingsChange> settings_from_json(const Json& body, bool is_new) {
    if (!body.is_object()) {
        return base::Error{base::Reason::invalid, "malformed_webhook",
                           "A JSON object is expected."};
    }
    Members members(body);
    SettingsChange change;
    change.url = members.text("url");
    if (is_new && !body.contains("url")) members.refuse("url", "is missing");
    change.description = members.text("description");
    change.enabled = members.truth("enabled");
    change.types = members.texts("types");
    if (change.types && change.types->empty())
        members.refuse("types", "must not be empty: * is all");
    if (change.types && is_all(*change.types)) change.types->clear();
    if (auto words = members.texts("events")) {
        if (words->empty()) members.refuse("events", "must not be empty: * is all");
        change.events.emplace();
        for (std::size_t i = 0; !is_all(*words) && i < words->size(); ++i) {
            auto event = news::parse_public_change(words->at(i));
            if (event) change.events->push_back(*event);
            if (event) continue;
            members.refuse("events[" + std::to_string(i) + "]",
                           "must be published, updated, unpublished, removed, killed or corrected; "
                           "or * alone for all");
        }
    }
    if (!members.good()) return members.refusal();
    return change;
}

base::Result<Replay> replay_from_json(const Json& body) {
    base::Error malformed{base::Reason::invalid, "malformed_replay",
                          "Send {\"from\": a time} or {\"positions\": {type: a position}}."};
    if (!body.is_object() || body.contains("from") == body.contains("positions")) return malformed;
    Replay replay;
    if (body.contains("from")) {
        const auto& from = body.at("from");
        if (from.is_string()) replay.from = base::parse_rfc3339(from.get<std::string>());
        if (!replay.from) return malformed;
        return replay;
    }
    const auto& positions = body.at("positions");
    if (!positions.is_object() || positions.empty()) return malformed;
    for (const auto& [type, position] : positions.items()) {
        bool whole = position.is_number_unsigned() && position.get<std::uint64_t>() <= position_max;
        if (!whole) return malformed;
        replay.positions[type] = position.get<std::int64_t>();
    }
    return replay;
}

}  // namespace webhooks
