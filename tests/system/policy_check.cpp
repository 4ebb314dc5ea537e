#include "policy_check.hpp"

#include <algorithm>
#include <stdexcept>

#include "shared_portal.hpp"

namespace tests {

using nlohmann::json;
using support::Answer;

namespace {

/// Lists of news have their entries in `news`, feeds in `items`, others are bare.
const json& entries_of(const json& body) {
    for (const char* name : {"news", "items"}) {
        if (body.is_object() && body.contains(name)) return body[name];
    }
    return body;
}

/// Whether a list has an entry of that id; in a feed an address ends in it.
bool shows(const json& body, std::int64_t id) {
    const auto& list = entries_of(body);
    if (!list.is_array()) return false;
    return std::any_of(list.begin(), list.end(), [&](const json& entry) {
        if (!entry.is_object()) return false;
        auto its = entry.value("id", json());
        return its == id ||
               (its.is_string() && its.get<std::string>().ends_with("/" + std::to_string(id)));
    });
}

bool is_list(const json& body) {
    return entries_of(body).is_array();
}

bool tells(const Answer& answer, const std::string& text) {
    return !text.empty() && answer.body.find(text) != std::string::npos;
}

std::string fault_of_content(const Policy::Expected& expected, const Answer& answer,
                             const Subject& subject) {
    bool speaks_of_lists = expected.words.contains("shown") || expected.words.contains("not shown");
    if (speaks_of_lists && !is_list(answer.json())) return "that is no list";
    bool shown = shows(answer.json(), subject.id);
    if (expected.words.contains("shown") && !shown) return "it is not shown";
    if (expected.words.contains("not shown") && (shown || tells(answer, subject.secret))) {
        return "it is shown";
    }
    if (expected.words.contains("e-mail") && !tells(answer, subject.email)) return "no e-mail";
    if (expected.words.contains("no e-mail") && tells(answer, "@")) return "it has an e-mail";
    return "";
}

const json& value_of(const std::string& name, const Subject& subject) {
    auto found = subject.values.find(name);
    if (found == subject.values.end()) throw std::runtime_error("no value for {" + name + "}");
    return *found;
}

}  // namespace

std::string fault_of(const Policy::Expected& expected, const Answer& answer,
                     const Subject& subject) {
    std::string fault;
    bool challenged = answer.field("WWW-Authenticate").starts_with("Bearer");
    if (answer.status != expected.status) {
        fault = "another status";
    } else if (expected.status >= 400) {
        fault = support::failure_faults(answer, expected.status, expected.code);
        // The body stands in the sentence below anyway.
        fault = fault.substr(0, fault.find(answer.body));
        if (tells(answer, subject.secret)) fault += "it tells " + subject.secret;
    } else {
        fault = fault_of_content(expected, answer, subject);
    }
    if (fault.empty() && (expected.status == 401) != challenged) fault = "WWW-Authenticate";
    if (fault.empty()) return fault;
    return "the policy says " + expected.text + ", the server " + std::to_string(answer.status) +
           " " + answer.body.substr(0, 300) + " (" + fault + ")";
}

std::string face_of(const Answer& answer, const Subject& subject) {
    auto body = answer.json();
    if (body.is_object()) body.erase("request_id");
    auto text = std::to_string(answer.status) + "\n";
    for (const auto& [name, value] : answer.fields) {
        // The length follows from the body.
        if (name == "Date" || name == "X-Request-Id" || name == "Content-Length") continue;
        text += name + ": " + value + "\n";
    }
    text += body.dump();
    auto id = std::to_string(subject.id);
    for (auto at = text.find(id); at != std::string::npos; at = text.find(id, at)) {
        text.replace(at, id.size(), "ID");
    }
    return text;
}

std::string filled_in(const std::string& text, const Subject& subject) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto open = text.find('{', at);
        out += text.substr(at, open - at);
        if (open == std::string::npos) break;
        auto close = text.find('}', open);
        auto name = text.substr(open + 1, close - open - 1);
        at = close + 1;
        if (name == "now" || name == "month") {
            auto now = time_from_now(std::chrono::milliseconds(0));
            out += now.substr(0, name == "now" ? now.npos : 7);
            continue;
        }
        const auto& value = value_of(name, subject);
        out +=
            value.is_string() ? support::percent_encoded(value.get<std::string>()) : value.dump();
    }
    return out;
}

json filled_in(json body, const Subject& subject) {
    if (body.is_string()) {
        auto text = body.get<std::string>();
        if (text.starts_with('{')) return value_of(text.substr(1, text.size() - 2), subject);
    }
    if (!body.is_structured()) return body;
    for (auto& [member, value] : body.items()) value = filled_in(std::move(value), subject);
    return body;
}

}  // namespace tests
