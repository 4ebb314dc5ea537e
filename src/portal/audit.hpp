#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/trail.hpp"

namespace portal {

/// A place in the order of all logs: the newest first; of one moment by the log's name, then the
/// highest position first.
struct AuditPlace {
    base::Time at{};
    std::string log;
    std::int64_t position = 0;

    /// Opaque, and good in a URL; and back, nothing for what text() has not given.
    std::string text() const;
    static std::optional<AuditPlace> parse(std::string_view text);
    /// Comes before the other, which is behind it.
    bool before(const AuditPlace& other) const;
    /// What is behind this place in the log of that name.
    bus::TrailPlace in(const std::string& source) const;
};

struct AuditEntry {
    std::string log;
    bus::TrailEntry entry;
};

/// What a log has answered.
struct AuditPart {
    std::string log;
    bus::TrailPage page;
};

struct AuditPage {
    std::vector<AuditEntry> entries;
    std::optional<AuditPlace> next{};  ///< nothing: that was all
};

/// One page of at most `count` from what every log has answered. Of a log that has not looked to
/// its end nothing behind that place is known, so nothing of any log behind it is given.
AuditPage merge(std::vector<AuditPart> parts, std::int64_t count);

}  // namespace portal
