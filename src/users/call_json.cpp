#include "call_json.hpp"

#include <nlohmann/json.hpp>

namespace users {

bus::AnsweredCall call_of(const Record& record) {
    nlohmann::json answer{{"name", record.name},
                          {"created_at", base::to_micros(record.created_at)},
                          {"updated_at", base::to_micros(record.updated_at)}};
    return {record.id, record.version, answer.dump()};
}

Record record_of_call(const bus::AnsweredCall& call) {
    auto answer = nlohmann::json::parse(call.answer);
    Record record;
    record.id = call.stream;
    record.name = answer.at("name").get<std::string>();
    record.created_at = base::from_micros(answer.at("created_at").get<std::int64_t>());
    record.updated_at = base::from_micros(answer.at("updated_at").get<std::int64_t>());
    record.version = call.version;
    return record;
}

}  // namespace users
