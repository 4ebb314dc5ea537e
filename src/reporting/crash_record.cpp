#include "crash_record.hpp"

#include <sstream>

namespace reporting {

namespace {

constexpr std::string_view first_line = "portal crash record 1";
constexpr std::size_t frames_max = 128;
constexpr std::size_t members_max = 32;

/// `0x55… portal+0x12 [abcd]`.
CrashFrame parse_frame(const std::string& text) {
    CrashFrame frame;
    std::istringstream words(text);
    std::string place;
    std::string build_id;
    words >> frame.address >> place >> build_id;
    auto plus = place.rfind('+');
    if (plus != std::string::npos) {
        frame.module = place.substr(0, plus);
        frame.offset = place.substr(plus + 1);
    }
    if (build_id.size() >= 2) frame.build_id = build_id.substr(1, build_id.size() - 2);
    return frame;
}

}  // namespace

std::optional<base::Time> parse_crash_time(const std::string& text) {
    if (text.size() != 16) return std::nullopt;
    auto form = text.substr(0, 4) + '-' + text.substr(4, 2) + '-' + text.substr(6, 5) + ':' +
                text.substr(11, 2) + ':' + text.substr(13);
    return base::parse_rfc3339(form);
}

std::optional<CrashRecord> parse_crash_record(std::string_view text) {
    std::istringstream lines{std::string(text)};
    std::string line;
    if (!std::getline(lines, line) || line != first_line) return std::nullopt;
    CrashRecord record;
    while (std::getline(lines, line)) {
        auto blank = line.find(' ');
        auto name = line.substr(0, blank);
        auto value = blank == std::string::npos ? std::string() : line.substr(blank + 1);
        if (name == "version") {
            record.version = value;
        } else if (name == "signal") {
            record.signal = value;
        } else if (name == "thread") {
            record.thread = value;
        } else if (name == "last_request") {
            record.last_request = value;
        } else if (name == "time") {
            record.at = parse_crash_time(value);
        } else if (name == "frame") {
            if (record.frames.size() < frames_max) record.frames.push_back(parse_frame(value));
        } else if (name == "end") {
            record.complete = true;
        } else if (record.further.size() < members_max) {
            record.further.emplace_back(name, value);
        }
    }
    return record;
}

}  // namespace reporting
