#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "telemetry/log.hpp"

namespace telemetry {

/// Adds `text` to `out` as a JSON string, quotes included. Controls (C0, DEL and C1) are escaped,
/// so that no log line can end early or steer a terminal; a byte that is no UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// One line without its closing brace: whoever writes it may still add a member.
std::string open_line(base::Time time, Level level, std::string_view module,
                      std::string_view message, std::initializer_list<Field> fields,
                      std::string_view request_id, std::string_view trace_id = {});

}  // namespace telemetry
