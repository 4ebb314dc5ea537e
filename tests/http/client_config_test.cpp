#include "http/client_config.hpp"

#include <fstream>

#include "config/reader.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

TEST_CASE("the client's settings are printed, read again, and held to their ranges",
          "[http][client]") {
    support::TemporaryFolder folder;
    http::ClientConfig config;
    auto describe = [&config](config::Section& section) { http::describe(section, config); };
    std::ofstream(folder / "defaults.json") << config::print(describe);
    CHECK(config::read({folder / "defaults.json"}, describe).empty());

    config::Sources sources;
    sources.overrides = {"connect_timeout_ms=250", "connections_max=2", "pooled_for_unsafe=true"};
    CHECK(config::read(sources, describe).empty());
    CHECK(config.connect_timeout == std::chrono::milliseconds(250));
    CHECK(config.connections_max == 2);
    CHECK(config.pooled_for_unsafe);

    sources.overrides = {"connections_max=0", "field_bytes_max=65536", "conections_max=1"};
    CHECK(config::read(sources, describe).size() == 3);
}
