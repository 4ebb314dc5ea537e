#include "crash_files.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

void leave(const support::TemporaryFolder& folder, const std::string& name,
           const std::string& text) {
    std::ofstream(folder.path() / name) << text;
}

}  // namespace

TEST_CASE("a record of a crash is found until it is put aside, and the newest are kept",
          "[reporting]") {
    support::TemporaryFolder folder;
    CHECK(reporting::find_crashes(folder.path(), 2).empty());
    CHECK_FALSE(reporting::newest_crash(folder.path()));
    leave(folder, "crash-20260504T102030Z-9.txt",
          "portal crash record 1\nversion 1\nsignal SIGSEGV\nend\n");
    leave(folder, "crash-20260503T102030Z-9.txt", "");
    leave(folder, "crash-20260502T102030Z-9.txt", "portal crash record 1\nsignal SIGBUS\n");
    leave(folder, "crash-notes.md", "mine");

    auto found = reporting::find_crashes(folder.path(), 2);
    REQUIRE(found.size() == 2);
    CHECK(found[0].record.signal.empty());
    CHECK(found[1].record.signal == "SIGSEGV");
    CHECK(found[1].file == "crash-20260504T102030Z-9.txt");
    auto newest = base::parse_rfc3339("2026-05-04T10:20:30Z");
    CHECK(reporting::newest_crash(folder.path()) == newest);

    reporting::put_aside(folder.path(), found[1].file, 2);
    CHECK(reporting::find_crashes(folder.path(), 2).size() == 1);
    reporting::put_aside(folder.path(), found[0].file, 2);
    CHECK(reporting::find_crashes(folder.path(), 2).empty());
    CHECK(std::filesystem::exists(folder / "crashes/crash-20260504T102030Z-9.txt"));
    CHECK(std::filesystem::exists(folder / "crashes/crash-20260503T102030Z-9.txt"));
    CHECK_FALSE(std::filesystem::exists(folder / "crashes/crash-20260502T102030Z-9.txt"));
    CHECK(std::filesystem::exists(folder / "crash-notes.md"));
    CHECK(reporting::newest_crash(folder.path()) == newest);
}
