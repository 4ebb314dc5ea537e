#include "support/recorder.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "support/http_client.hpp"

namespace support {

namespace {

using nlohmann::json;

struct Recorder {
    std::mutex mutex;
    std::set<std::string> addresses;
    std::ofstream file;
};

/// Null if nothing is to be recorded.
Recorder* recorder() {
    static Recorder* const one = []() -> Recorder* {
        const char* folder = std::getenv("PORTAL_RECORD");
        if (!folder || !*folder) return nullptr;
        std::filesystem::create_directories(folder);
        static Recorder made;
        // Appended to: a number comes again in a long run of short processes.
        made.file.open(std::filesystem::path(folder) / (std::to_string(getpid()) + ".jsonl"),
                       std::ios::app);
        return &made;
    }();
    return one;
}

/// A body is a text as long as it is UTF-8; compressed ones are not.
void put_body(json& line, const char* name, const std::string& body) {
    if (base::count_code_points(body)) {
        line[name] = body;
    } else {
        line[std::string(name) + "_base64url"] = base::to_base64url(body);
    }
}

json to_json(const Fields& fields) {
    auto list = json::array();
    for (const auto& [name, value] : fields) list.push_back({name, value});
    return list;
}

}  // namespace

void begin_recording(const std::string& address) {
    auto* to = recorder();
    if (!to) return;
    std::lock_guard lock(to->mutex);
    to->addresses.insert(address);
}

void end_recording(const std::string& address) {
    auto* to = recorder();
    if (!to) return;
    std::lock_guard lock(to->mutex);
    to->addresses.erase(address);
}

void record(const std::string& address, const Exchange& exchange) {
    auto* to = recorder();
    if (!to) return;
    std::lock_guard lock(to->mutex);
    if (!to->addresses.contains(address)) return;
    json line;
    line["method"] = exchange.method;
    line["target"] = exchange.target;
    line["fields"] = to_json(exchange.fields);
    put_body(line, "body", exchange.body);
    line["status"] = exchange.answer.status;
    line["answer_fields"] = to_json(exchange.answer.fields);
    put_body(line, "answer_body", exchange.answer.body);
    // Some tests send fields that are no text.
    to->file << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

}  // namespace support
