#include "input_json.hpp"

namespace identity {

base::Result<std::vector<std::string>> texts_from_json(const nlohmann::json& body,
                                                       const std::vector<std::string>& names) {
    if (!body.is_object()) {
        return base::Error{base::Reason::invalid, "malformed_request",
                           "A JSON object is expected."};
    }
    std::vector<std::string> texts;
    base::Error error{base::Reason::invalid, "invalid_request", "The request cannot be taken: "};
    for (const auto& name : names) {
        auto found = body.find(name);
        if (found == body.end()) {
            error.details.push_back({name, "is missing"});
        } else if (!found->is_string()) {
            error.code = "malformed_request";
            error.details.push_back({name, "must be text"});
        } else {
            texts.push_back(found->get<std::string>());
        }
    }
    if (error.details.empty()) return texts;
    for (std::size_t i = 0; i < error.details.size(); ++i) {
        error.message += (i ? "; " : "") + error.details[i].field + " " + error.details[i].message;
    }
    error.message += ".";
    return error;
}

}  // namespace identity
