#pragma once

#include "operations/jobs.hpp"
#include "recommendation/ranking_weights.hpp"

namespace recommendation {

/// `replay`: what the ranking would have done for recorded clicks (Replay). Arguments: `file`, the
/// path of one click a line, `{"session" or "user": name, "item": name, "at": time}`, and perhaps
/// `labels` and `shown` (items); a time is one in RFC 3339, or seconds since 1970. Gives `rankers`,
/// each with its `name` and figures, and how many `clicks` there were and were `asked` for. Refused
/// with `file_unreadable`, `malformed_click`, and as Replay::take is, with the number of the line.
/// Writes nothing.
operations::NamedJob replay_job(const RankingWeights& weights);

}  // namespace recommendation
