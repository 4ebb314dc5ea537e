#include "kept_import_json.hpp"

#include <nlohmann/json.hpp>

namespace django {

namespace {

nlohmann::ordered_json rule_json(const RuleReport& rule) {
    nlohmann::ordered_json one;
    one["rule"] = rule.rule;
    one["read"] = rule.read;
    one["added"] = rule.added;
    one["updated"] = rule.updated;
    one["unchanged"] = rule.unchanged;
    one["conflicts"] = rule.conflicts;
    one["left_out"] = rule.left_out;
    one["rejected"] = rule.rejected;
    return one;
}

}  // namespace

std::string to_json(const KeptImports& imports) {
    auto listed = nlohmann::ordered_json::array();
    for (const auto& [model, import] : imports) {
        nlohmann::ordered_json one;
        one["model"] = model;
        one["finished_at"] = base::to_rfc3339(import.finished_at);
        one["source"] = import.source;
        one["cut_off"] = import.cut_off;
        one["unreadable"] = import.unreadable;
        one["vanished"] = import.vanished;
        one["rules"] = nlohmann::ordered_json::array();
        for (const auto& rule : import.rules) one["rules"].push_back(rule_json(rule));
        listed.push_back(std::move(one));
    }
    nlohmann::ordered_json body;
    body["imports"] = std::move(listed);
    return body.dump();
}

}  // namespace django
