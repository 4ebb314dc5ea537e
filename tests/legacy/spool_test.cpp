// What waits while it is under way.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>

#include "spool.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

using legacy::Spool;
using legacy::SpoolSpace;

std::shared_ptr<SpoolSpace> space_of(const support::TemporaryFolder& folder,
                                     std::uint64_t bytes_max, std::uint64_t free_min = 0) {
    return std::make_shared<SpoolSpace>(folder.path(), SpoolSpace::Limits{bytes_max, free_min});
}

std::string take_all(Spool& spool) {
    std::string all;
    for (auto piece = spool.take(1000); !piece.empty(); piece = spool.take(1000)) all += piece;
    return all;
}

bool is_empty(const support::TemporaryFolder& folder) {
    return std::filesystem::is_empty(folder.path());
}

}  // namespace

TEST_CASE("few bytes wait in memory, more in a file without a name", "[legacy]") {
    support::TemporaryFolder folder;
    auto space = space_of(folder, 1 << 20);
    Spool spool(space, 100);
    REQUIRE(spool.append(std::string(100, 'a')));
    CHECK(space->bytes() == 0);
    REQUIRE(spool.append("b"));
    REQUIRE(spool.append(std::string(5000, 'c')));
    CHECK(space->bytes() == 5001);
    CHECK(spool.size() == 5101);
    CHECK(is_empty(folder));
    CHECK(take_all(spool) == std::string(100, 'a') + "b" + std::string(5000, 'c'));
    // Once all of it is taken the disk is free again, and memory comes first.
    CHECK(space->bytes() == 0);
    REQUIRE(spool.append("d"));
    CHECK(space->bytes() == 0);
    CHECK(take_all(spool) == "d");
}

TEST_CASE("bytes leave a spool in the order in which they came", "[legacy]") {
    support::TemporaryFolder folder;
    auto space = space_of(folder, 1 << 20);
    auto seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    Spool spool(space, 4096);
    std::string came;
    std::string left;
    for (int i = 0; i < 3000; ++i) {
        if (random() % 2 == 0) {
            std::string bytes(random() % 3000, '\0');
            for (char& c : bytes) c = static_cast<char>(random());
            REQUIRE(spool.append(bytes));
            came += bytes;
        } else {
            left += spool.take(random() % 8000);
        }
        REQUIRE(spool.size() == came.size() - left.size());
    }
    CHECK((left + take_all(spool) == came));
    CHECK(space->bytes() == 0);
}

TEST_CASE("all spools together have only so much room", "[legacy]") {
    support::TemporaryFolder folder;
    auto space = space_of(folder, 1000);
    auto first = std::make_unique<Spool>(space, 10);
    Spool second(space, 10);
    REQUIRE(first->append(std::string(600, 'a')));
    // When another one wants more than is left, it is refused and keeps what it has.
    REQUIRE(second.append("0123456789"));
    auto refused = second.append(std::string(401, 'b'));
    REQUIRE(!refused);
    CHECK(refused.error().code == "spool_full");
    CHECK(second.size() == 10);
    REQUIRE(second.append(std::string(400, 'c')));
    // When the first has gone, there is room again.
    first.reset();
    REQUIRE(second.append(std::string(600, 'd')));
    CHECK(take_all(second) == "0123456789" + std::string(400, 'c') + std::string(600, 'd'));
    CHECK(space->bytes() == 0);
}

TEST_CASE("a disk that has little room is left alone", "[legacy]") {
    support::TemporaryFolder folder;
    auto space = space_of(folder, std::uint64_t(1) << 50, std::uint64_t(1) << 60);
    Spool spool(space, 10);
    REQUIRE(spool.append("0123456789"));
    CHECK(spool.append("a").error().code == "spool_full");
    CHECK(space->bytes() == 0);
}

TEST_CASE("a file has no name, whatever the file system can do", "[legacy]") {
    support::TemporaryFolder folder;
    for (bool named_first : {false, true}) {
        int file = legacy::open_unnamed_file(folder.path(), named_first);
        REQUIRE(file >= 0);
        CHECK(is_empty(folder));
        struct stat about {};
        REQUIRE(fstat(file, &about) == 0);
        CHECK(about.st_nlink == 0);
        CHECK((about.st_mode & 0777) == 0600);
        CHECK((fcntl(file, F_GETFD) & FD_CLOEXEC) != 0);
        close(file);
    }
    CHECK(legacy::open_unnamed_file(folder / "missing") < 0);
}
