#include "live/module.hpp"

namespace live {

void describe(config::Section& section, Config& config) {
    section.integer("readers_max", config.readers_max, {1, 1000000},
                    "Live streams at once; one more is refused with 503. One client address gets "
                    "another only while it has fewer than are free. Each is a connection, too: see "
                    "http.connections_max.");
    section.integer("buffer_events_max", config.buffer_events_max, {16, 65536},
                    "Events kept ready in memory. A reader that is farther behind is closed, and "
                    "catches up when it comes again.");
    section.integer("buffer_bytes_max", config.buffer_bytes_max, {65536, 1024 * 1024 * 1024},
                    "What they may take.");
    section.integer("catch_up_max", config.catch_up_max, {0, 10000000},
                    "How many events a reader may have missed to be told all of them; with more it "
                    "is told to load anew.");
    section.integer("catch_ups_max", config.catch_ups_max, {1, 1000},
                    "Readers who are told at once what they have missed from the logs, since it is "
                    "not in memory any more; the others wait for their turn. One client address "
                    "gets another turn only while it has fewer than are free. The newsroom has as "
                    "many of its own.");
    section.duration("catch_up_span_ms", config.catch_up_span_ms, {1000, 3600 * 1000},
                     "How long one of them may take; then it is closed, and goes on from there "
                     "when it comes again.");
    section.duration("heartbeat_ms", config.heartbeat_ms, {100, 600 * 1000},
                     "When a reader was told nothing for so long it is sent a comment, so that "
                     "proxies keep the connection.");
    section.duration("retry_ms", config.retry_ms, {100, 600 * 1000},
                     "How soon at the earliest a reader that was cut comes again; at the latest "
                     "twice as long.");
    section.integer("newsroom_readers_max", config.newsroom_readers_max, {1, 100000},
                    "Streams of the newsroom at once; as readers_max.");
    section.duration("newsroom_span_ms", config.newsroom_span_ms, {1000, 3600 * 1000},
                     "How long a stream of the newsroom lasts; then its reader comes again, and is "
                     "asked again who it is.");
    describe(section.section("bus", "How the news are heard."), config.bus);
}

}  // namespace live
