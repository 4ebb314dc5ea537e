#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/watermark.hpp"
#include "bus/feed.hpp"
#include "bus/subscription.hpp"
#include "bus/topic.hpp"
#include "config/section.hpp"
#include "editing/desk.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "news/types.hpp"

namespace live {

/// Settings of live streams; describe() says what each means.
struct Config {
    std::int64_t readers_max = 20000;
    std::int64_t buffer_events_max = 1024;
    std::int64_t buffer_bytes_max = 8 * 1024 * 1024;
    std::int64_t catch_up_max = 10000;
    std::int64_t catch_ups_max = 16;
    std::chrono::milliseconds catch_up_span_ms{60000};
    std::chrono::milliseconds heartbeat_ms{15000};
    std::chrono::milliseconds retry_ms{3000};
    std::int64_t newsroom_readers_max = 500;
    std::chrono::milliseconds newsroom_span_ms{60000};
    bus::Config bus{};
};

void describe(config::Section& section, Config& config);

/// The log of one news type, and up to where its view shows it: nothing is told before it can be
/// looked up.
struct Heard {
    const bus::Feed* feed = nullptr;
    const base::Watermark* shown = nullptr;
};

/// What is heard, and who is asked for what is told; all of it outlives the module.
struct Neighbours {
    std::map<std::string, Heard> logs;  ///< by type
    news::Types types;
    bus::Topic<editing::PresenceChanged>& presence;
};

/// Tells readers of changes as they happen, in streams of server-sent events, and those who write
/// of what happens to what is being written. Serves /v1/live and /v1/newsroom/live.
/// Keeps nothing: what a reader has missed is read from the logs.
class Module : public host::Module {
public:
    /// The positions of the logs, as far as their views show them, are where it begins.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      const Neighbours& neighbours);
};

}  // namespace live
