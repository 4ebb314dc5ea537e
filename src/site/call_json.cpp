#include "call_json.hpp"

#include <nlohmann/json.hpp>

#include "site/events.hpp"

namespace site {

using Json = nlohmann::json;

bus::AnsweredCall call_of(const RedirectsStored& stored, std::int64_t version) {
    Json answer{{"stored", stored.stored},
                {"removed", stored.removed},
                {"unchanged", stored.unchanged},
                {"total", stored.total}};
    return {redirects_stream, version, answer.dump()};
}

RedirectsStored stored_of_call(const bus::AnsweredCall& call) {
    auto answer = Json::parse(call.answer);
    return {answer.at("stored").get<std::int64_t>(), answer.at("removed").get<std::int64_t>(),
            answer.at("unchanged").get<std::int64_t>(), answer.at("total").get<std::int64_t>()};
}

bus::AnsweredCall call_of_list(std::int64_t stream, std::int64_t version, bool is_new) {
    Json answer{{"new", is_new}};
    return {stream, version, answer.dump()};
}

bool is_new_of_call(const bus::AnsweredCall& call) {
    return Json::parse(call.answer).at("new").get<bool>();
}

}  // namespace site
