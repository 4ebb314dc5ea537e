#pragma once

#include "rule_json.hpp"

namespace django {

/// Where the older states of a row stand: `wagtail`, `reversion`, or an object with `each`. What is
/// wrong is complained of.
HistoryRule history_rule(const RulePlace& place, RuleReader& rules);

}  // namespace django
