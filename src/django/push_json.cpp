#include "push_json.hpp"

#include "dump_json.hpp"
#include "names.hpp"

namespace django {

namespace {

using nlohmann::json;
using Problems = std::vector<base::Problem>;

constexpr std::size_t changes_max = 1000;
constexpr std::size_t related_max = 5000;
constexpr std::size_t source_bytes_max = 64;

const json* member(const json& object, const char* name) {
    auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string key_of(const json* value) {
    if (!value) return "";
    if (value->is_string()) return value->get<std::string>();
    return value->is_number_integer() ? value->dump() : "";
}

void add_row(const json& row, Change& change) {
    auto read = record_from_json(row.dump(), 0);
    if (auto* record = std::get_if<Record>(&read)) {
        change.rows.push_back(std::move(*record));
    } else if (!change.unreadable) {
        change.unreadable = std::get<Reject>(std::move(read));
    }
}

Change change_from_json(const json& object, const std::string& place, Problems& problems) {
    Change change;
    if (!object.is_object()) {
        problems.push_back({place, "must be an object"});
        return change;
    }
    const auto* sequence = member(object, "sequence");
    if (!sequence || !sequence->is_number_integer() || sequence->get<std::int64_t>() < 1) {
        problems.push_back({place + ".sequence", "must be a whole number from 1 on"});
    } else {
        change.sequence = sequence->get<std::int64_t>();
    }
    const auto* operation = member(object, "operation");
    bool saves = operation && *operation == "save";
    if (!saves && !(operation && *operation == "delete")) {
        problems.push_back({place + ".operation", "must be save or delete"});
    }
    change.operation = saves ? Change::Operation::save : Change::Operation::remove;
    const auto* model = member(object, "model");
    if (model && model->is_string()) change.model = lower(model->get<std::string>());
    if (!is_model_name(change.model)) {
        problems.push_back({place + ".model", "must be the name of a model, as news.article"});
    }
    change.key = key_of(member(object, "pk"));
    if (change.key.empty()) {
        problems.push_back({place + ".pk", "must be a whole number or a text"});
    }
    if (!saves) return change;
    const auto* record = member(object, "record");
    if (!record) {
        problems.push_back({place + ".record", "is missing: the row as dumpdata writes it"});
        return change;
    }
    add_row(*record, change);
    const auto* related = member(object, "related");
    if (!related) return change;
    if (!related->is_array() || related->size() > related_max) {
        problems.push_back({place + ".related", "must be a list of up to 5,000 rows"});
        return change;
    }
    for (const auto& row : *related) add_row(row, change);
    return change;
}

}  // namespace

base::Result<Push> push_from_json(const json& body) {
    if (!body.is_object()) {
        return base::Error{base::Reason::invalid, "malformed_changes",
                           "The body must be an object."};
    }
    Problems problems;
    Push push;
    const auto* source = member(body, "source");
    if (source && source->is_string()) push.source = source->get<std::string>();
    if (push.source.empty() || push.source.size() > source_bytes_max) {
        problems.push_back({"source", "must name the outbox, in up to 64 bytes"});
    }
    const auto* changes = member(body, "changes");
    if (!changes || !changes->is_array() || changes->size() > changes_max) {
        problems.push_back({"changes", "must be a list of up to 1,000 changes"});
    } else {
        std::int64_t before = 0;
        for (std::size_t i = 0; i < changes->size() && problems.size() < 20; ++i) {
            auto place = "changes[" + std::to_string(i) + "]";
            auto change = change_from_json((*changes)[i], place, problems);
            if (change.sequence != 0 && change.sequence <= before) {
                problems.push_back({place + ".sequence", "must be greater than the one before"});
            }
            before = change.sequence;
            push.changes.push_back(std::move(change));
        }
    }
    if (!problems.empty()) {
        return base::Error{base::Reason::invalid, "invalid_changes",
                           "These changes are not as a bridge writes them.", std::move(problems)};
    }
    return push;
}

std::string to_json(const Refusals& refused) {
    json all = json::array();
    for (const auto& one : refused) {
        all.push_back({{"sequence", one.sequence}, {"code", one.code}, {"message", one.message}});
    }
    return all.dump();
}

Refusals refusals_from_json(const std::string& text) {
    Refusals refused;
    for (const auto& one : json::parse(text)) {
        refused.push_back({one.at("sequence").get<std::int64_t>(),
                           one.at("code").get<std::string>(),
                           one.at("message").get<std::string>()});
    }
    return refused;
}

std::string to_json(const Pushed& pushed) {
    return json{{"last_sequence", pushed.last_sequence},
                {"accepted", pushed.accepted},
                {"refused", json::parse(to_json(pushed.refused))}}
        .dump();
}

}  // namespace django
