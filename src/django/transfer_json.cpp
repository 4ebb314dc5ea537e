#include "transfer_json.hpp"

#include <nlohmann/json.hpp>

namespace django {

namespace {

template <class T>
nlohmann::json json_or_null(const std::optional<T>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json json_of(const KeptImport& last) {
    RuleReport sum;
    nlohmann::json checksums = nlohmann::json::array();
    for (const auto& rule : last.rules) {
        sum.read += rule.read;
        sum.added += rule.added;
        sum.updated += rule.updated;
        sum.unchanged += rule.unchanged;
        sum.conflicts += rule.conflicts;
        sum.left_out += rule.left_out;
        sum.rejected += rule.rejected;
        checksums.push_back(rule.checksum);
    }
    return {{"finished_at", base::to_rfc3339(last.finished_at)},
            {"source", last.source},
            {"cut_off", last.cut_off},
            {"read", sum.read},
            {"added", sum.added},
            {"updated", sum.updated},
            {"unchanged", sum.unchanged},
            {"conflicts", sum.conflicts},
            {"left_out", sum.left_out},
            {"rejected", sum.rejected},
            {"unreadable", last.unreadable},
            {"vanished", last.vanished},
            {"checksums", std::move(checksums)}};
}

nlohmann::json json_of(const ModelTransfer& model) {
    return {{"rule", model.rule},
            {"model", model.model},
            {"owner", name_of(model.owner)},
            {"last_import", model.last ? json_of(*model.last) : nlohmann::json()},
            {"here", model.here},
            {"changed_here", json_or_null(model.changed_here)},
            {"removed_here", json_or_null(model.removed_here)}};
}

nlohmann::json json_of(const BridgeTransfer& bridge) {
    return {{"source", bridge.source},
            {"pushed_at", base::to_rfc3339(bridge.pushed_at)},
            {"sequence", bridge.sequence},
            {"since_import_max", bridge.since_import_max},
            {"refused", bridge.refused}};
}

nlohmann::json json_of(const identity::ImportedPeople& people) {
    return {{"here", people.here},
            {"changed_here", people.changed_here},
            {"own_hash", people.own_hash},
            {"new_password", people.new_password},
            {"django_hash", people.django_hash},
            {"unusable", people.unusable},
            {"unchecked", people.unchecked},
            {"without_email", people.without_email},
            {"erased", people.erased}};
}

nlohmann::json json_of(const legacy::LoginsUsed& logins) {
    nlohmann::json kinds = nlohmann::json::array();
    for (const auto& use : logins.kinds) {
        kinds.push_back({{"kind", name_of(use.kind)},
                         {"hour", use.counts.hour},
                         {"day", use.counts.day},
                         {"last_at", use.last ? nlohmann::json(base::to_rfc3339(*use.last))
                                              : nlohmann::json()}});
    }
    return {{"since", base::to_rfc3339(logins.since)}, {"kinds", std::move(kinds)}};
}

}  // namespace

std::string to_json(const Transfer& transfer) {
    nlohmann::json models = nlohmann::json::array();
    for (const auto& one : transfer.models) models.push_back(json_of(one));
    nlohmann::json bridges = nlohmann::json::array();
    for (const auto& one : transfer.bridges) bridges.push_back(json_of(one));
    auto said = verdict(transfer);
    // What a source calls a model may be no UTF-8.
    return nlohmann::json{{"counted_at", base::to_rfc3339(transfer.counted_at)},
                          {"models", std::move(models)},
                          {"bridges", std::move(bridges)},
                          {"people", json_of(transfer.people)},
                          {"logins", json_of(transfer.logins)},
                          {"notes", said.notes},
                          {"verdict", {{"ready", said.ready}, {"missing", said.missing}}}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace django
