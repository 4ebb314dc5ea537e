#include "config/nearest.hpp"

#include "support/catch.hpp"

TEST_CASE("a slip of the keys is understood, another word is not", "[config]") {
    const std::vector<std::string> names = {"listen", "threads", "idle_timeout_ms", "tls"};
    struct Row {
        const char* typed;
        const char* meant;
    };
    for (auto [typed, meant] :
         {Row{"lisen", "listen"}, Row{"litsen", "listen"}, Row{"Listen", "listen"},
          Row{"thread", "threads"}, Row{"idle_timeout", "idle_timeout_ms"}, Row{"tsl", "tls"},
          Row{"colour", ""}, Row{"x", ""}, Row{"", ""}}) {
        CAPTURE(typed);
        CHECK(config::nearest(typed, names) == meant);
    }
    CHECK(config::nearest(std::string(100000, 'l'), names).empty());
}
