#pragma once

#include <string>

#include "base/clock.hpp"
#include "crash_record.hpp"
#include "telemetry/breakdowns.hpp"

namespace reporting {

/// What every event says of this installation.
struct Installation {
    std::string dsn;
    std::string release;  ///< `portal@0.1.0`
    std::string environment;
};

// Envelopes as Sentry takes them: a line about the whole, a line about its one item, the event.
// `event_id`: 32 hexadecimal digits.

std::string envelope_of(const Installation& installation, const telemetry::Breakdown& breakdown,
                        const std::string& event_id, base::Time now);

/// Of a crash: its release is that of the version that crashed.
std::string envelope_of(const Installation& installation, const CrashRecord& crash,
                        const std::string& event_id, base::Time now);

}  // namespace reporting
