#pragma once

#include <string>

#include "base/result.hpp"

namespace news {

/// Says whether an article may be changed here at all: it may belong to another system, which
/// changes it and tells us. Thread-safe.
class ChangeGuard {
public:
    virtual ~ChangeGuard() = default;
    /// `legacy_id`: as of Article; empty: it was made here. Asked on the thread that writes, so it
    /// must not block. What imports and the scheduler do is not asked for.
    virtual base::Result<void> may_change(const std::string& legacy_id) const = 0;
};

}  // namespace news
