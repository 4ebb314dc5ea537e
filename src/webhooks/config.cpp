#include "target_service.hpp"
#include "webhooks/module.hpp"

namespace webhooks {

void describe(config::Section& section, Config& config) {
    section.integer("webhooks_max", config.webhooks_max, {1, 1000},
                    "How many webhooks there may be; a further one is refused.");
    section.list("allow", config.allow,
                 "Addresses or networks (10.1.2.0/24) that may be sent to though they are not "
                 "public; also by http, and on any port. Whoever makes a webhook can have this "
                 "server send there.");
    section.duration("timeout_ms", config.timeout, {100, 60000},
                     "How long one attempt may take, from the look-up of the name to the answer.");
    section.integer("retries_max", config.retries_max, {0, 100},
                    "How often it is tried again before a delivery is given up.");
    section.duration("retry_first_ms", config.retry_first, {10, 3600 * 1000},
                     "How long after the first attempt it is tried again; then less and less "
                     "often.");
    section.duration("retry_span_h", config.retry_span, {1, 168},
                     "How long after the first attempt the last one is made.");
    section.duration("rotation_h", config.rotation, {0, 720},
                     "How long the old secret also signs after a new one was made.");
    section.integer("in_flight_per_webhook", config.in_flight_per_webhook, {1, 64},
                    "Deliveries to one webhook at the same time, of different articles.");
    section.integer("in_flight_max", config.in_flight_max, {1, 1024},
                    "Deliveries to all webhooks at the same time. One place is kept for each "
                    "webhook, so it cannot be less than webhooks_max.");
    section.integer("pending_max", config.pending_max, {1, 100000},
                    "Deliveries of one webhook that wait; what is behind them waits in the logs.");
    section.integer("deliveries_max", config.deliveries_max, {1, 1000000},
                    "Deliveries of one webhook that are kept after their end.");
    section.integer("deliveries_days", config.deliveries_days, {1, 365},
                    "How many days they are kept.");
    section.path("ca_file", config.ca_file,
                 "Certificates (PEM) that servers are trusted by; empty: those of the system.");
    describe(section.section("database", "Limits of webhooks.db."), config.database);
    describe(section.section("bus", "How the news are heard."), config.bus);
    for (const auto& text : config.allow) {
        if (!is_network(text)) {
            section.refuse("allow", "`" + text + "` is neither an address nor a network.");
        }
    }
    if (config.in_flight_max < config.webhooks_max) {
        section.refuse("in_flight_max", "is less than webhooks_max");
    }
}

}  // namespace webhooks
