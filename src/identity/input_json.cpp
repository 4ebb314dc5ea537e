#include "input_json.hpp"

#include "base/problems.hpp"

namespace identity {

base::Result<std::vector<std::string>> texts_from_json(const nlohmann::json& body,
                                                       const std::vector<std::string>& names) {
    if (!body.is_object()) {
        return base::Error{base::Reason::invalid, "malformed_request",
                           "A JSON object is expected."};
    }
    std::vector<std::string> texts;
    const char* code = "invalid_request";
    std::vector<base::Problem> problems;
    for (const auto& name : names) {
        auto found = body.find(name);
        if (found == body.end()) {
            problems.push_back({name, "is missing"});
        } else if (!found->is_string()) {
            code = "malformed_request";
            problems.push_back({name, "must be text"});
        } else {
            texts.push_back(found->get<std::string>());
        }
    }
    if (problems.empty()) return texts;
    return base::invalid_input(code, "The request cannot be taken: ", std::move(problems));
}

}  // namespace identity
