// portal replay: the command as a person has it.
#include <fstream>

#include "support/catch.hpp"
#include "support/portal_process.hpp"

using support::PortalProcess;

namespace {

std::string click(const std::string& session, const std::string& item, int at) {
    return R"({"session":")" + session + R"(","item":")" + item + R"(","at":)" +
           std::to_string(at) + "}\n";
}

}  // namespace

TEST_CASE("portal replay says how the ranking would have done, and stores nothing", "[system]") {
    PortalProcess portal;
    auto file = portal.folder() / "visits.jsonl";
    {
        std::ofstream visits(file);
        for (const char* session : {"1", "2", "3"}) {
            auto begin = 1700000000 + 100 * (session[0] - '0');
            visits << click(session, "a", begin) << "\n" << click(session, "b", begin + 1);
        }
    }
    auto done = portal.command({"replay", file.string()});
    CHECK(done.code == 0);
    // Of three, the first could not be known.
    CHECK(
        done.output.starts_with("portal HR@5=0.6667 HR@10=0.6667 MRR@10=0.6667 nDCG@10=0.6667\n"));
    for (const char* ranker : {"\npopularity_all HR@5=", "\npopularity_24h HR@5=",
                               "\npopularity_1h HR@5=", "\nnewest HR@5=", "\nrandom HR@5="}) {
        CHECK(done.output.find(ranker) != std::string::npos);
    }
    CHECK(done.errors.ends_with("6 clicks, 3 of them asked for.\n"));
    CHECK_FALSE(std::filesystem::exists(portal.data()));

    std::ofstream(file, std::ios::app) << click("4", "a", 1);
    auto refused = portal.command({"replay", file.string()});
    CHECK(refused.code == 2);
    CHECK(refused.output.empty());
    CHECK(refused.errors.find("line 10: this click is earlier than the one before it") !=
          std::string::npos);
    auto missing = portal.command({"replay", (portal.folder() / "none.jsonl").string()});
    CHECK(missing.code == 2);
    CHECK(missing.errors.find("cannot be read") != std::string::npos);
}
