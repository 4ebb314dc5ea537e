// Stores that are damaged, unreadable or held by somebody else, as an operator meets them.
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "database/store_file.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/sqlite_file.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::new_item;
using support::PortalProcess;

namespace {

/// A stopped server's data: a few items.
void make_content(PortalProcess& portal) {
    portal.start();
    for (int i = 0; i < 5; ++i) {
        tests::create(portal, "sports", new_item("item " + std::to_string(i), {{"tags", {"x"}}}));
    }
    REQUIRE(portal.stop() == 0);
}

/// Lets `revocations` hold the rows of a table that is ordered the other way round: what one byte
/// in the wrong place does to an order.
const char* const revocations_out_of_order = R"(
    create table other (kind text not null, id integer not null, least_epoch integer not null,
        until integer not null, primary key (kind, id desc)) strict, without rowid;
    insert into other values ('family', 1, 0, 9000000000000000), ('family', 2, 0, 9000000000000000),
        ('family', 3, 0, 9000000000000000), ('user', 7, 2, 9000000000000000);
    pragma writable_schema = on;
    update sqlite_schema set rootpage = (select rootpage from sqlite_schema where name = 'other')
        where name = 'revocations';
    delete from sqlite_schema where name = 'other';
)";

std::string warnings(const PortalProcess& portal) {
    auto ready = support::HttpClient(portal.operations()).request("GET", "/readyz").json();
    return ready.contains("warnings") ? ready["warnings"].dump() : "";
}

/// Exchanges the last two rows of a table that fits on one page.
void exchange_last_rows(const std::filesystem::path& file, const std::string& table) {
    auto page = support::number_from_database(
        file, "select rootpage from sqlite_schema where name = '" + table + "'");
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    auto start = (page - 1) * 4096;
    std::array<char, 8> head{};
    bytes.seekg(start);
    bytes.read(head.data(), head.size());
    REQUIRE(head[0] == 0x0d);
    int rows = static_cast<unsigned char>(head[3]) * 256 + static_cast<unsigned char>(head[4]);
    REQUIRE(rows >= 3);
    std::array<char, 4> places{};
    auto at = start + 8 + 2 * (rows - 2);
    bytes.seekg(at);
    bytes.read(places.data(), places.size());
    std::rotate(places.begin(), places.begin() + 2, places.end());
    bytes.seekp(at);
    bytes.write(places.data(), places.size());
    bytes.close();
    support::seal_pages(file);
}

/// A folder that can only be read while this lives; nothing where that is not allowed.
class ReadOnlyMount {
public:
    explicit ReadOnlyMount(std::filesystem::path place) : place_(std::move(place)) {
        const char* path = place_.c_str();
        mounted_ = mount(path, path, nullptr, MS_BIND, nullptr) == 0;
        read_only_ =
            mounted_ && mount(path, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
    }
    ~ReadOnlyMount() {
        if (mounted_) umount2(place_.c_str(), MNT_DETACH);
    }
    ReadOnlyMount(const ReadOnlyMount&) = delete;
    bool is_there() const { return read_only_; }

private:
    std::filesystem::path place_;
    bool mounted_ = false;
    bool read_only_ = false;
};

}  // namespace

TEST_CASE("a start on revocations that are out of order goes on without them", "[system]") {
    PortalProcess portal;
    make_content(portal);
    support::change_database(portal.data() / "identity.db", revocations_out_of_order);

    portal.start();

    CHECK_THAT(warnings(portal),
               Catch::Contains("identity.db is damaged: its revocations are out of order"));
    CHECK(portal.stop() == 0);
    auto verified = portal.command({"verify"});
    CHECK(verified.code == 1);
    CHECK_THAT(verified.output, Catch::Contains("identity: 0 events: NOT GOOD"));
}

TEST_CASE("a revocation of no known kind is damage, and no endless start", "[system]") {
    PortalProcess portal;
    make_content(portal);
    support::change_database(portal.data() / "identity.db",
                             "pragma ignore_check_constraints = on;"
                             "insert into revocations values ('usfr', 5, 0, 9000000000000000)");

    portal.start();

    CHECK_THAT(warnings(portal), Catch::Contains("identity.db is damaged"));
    CHECK(portal.stop() == 0);
}

TEST_CASE("verify ends on a view whose rows are out of order", "[system]") {
    PortalProcess portal;
    make_content(portal);
    exchange_last_rows(portal.query_file("sports"), "articles_a");

    auto verified = portal.command({"verify"});

    INFO(verified.output << verified.errors);
    CHECK(verified.code == 1);
    CHECK_THAT(verified.output,
               Catch::Contains("news-sports.query.db is damaged: the articles of the view"));
    CHECK_THAT(verified.output, Catch::Contains("politics: 0 events"));
}

TEST_CASE("verify ends on a log whose rows are out of order", "[system]") {
    PortalProcess portal;
    make_content(portal);
    exchange_last_rows(portal.command_file("sports"), "events");

    auto verified = portal.command({"verify"});

    INFO(verified.output << verified.errors);
    CHECK(verified.code == 1);
    CHECK_THAT(verified.output, Catch::Contains("sports: "));
    CHECK_THAT(verified.output, Catch::Contains("out of order"));
}

TEST_CASE("a server that still starts hears SIGTERM", "[system]") {
    PortalProcess portal;
    make_content(portal);
    // The start waits for somebody who writes to this pipe, for ever.
    auto keys = portal.data() / "identity.keys.json";
    std::filesystem::remove(keys);
    REQUIRE(mkfifo(keys.c_str(), 0600) == 0);
    int signal = GENERATE(SIGTERM, SIGINT);
    auto server = portal.begin({});
    auto log = portal.data() / "identity.db-wal";
    REQUIRE(support::eventually([&] { return std::filesystem::exists(log); }));
    REQUIRE(server->running());

    server->signal(signal);

    auto code = server->wait(support::stop_limit);
    REQUIRE(code);
    CHECK(*code == 0);
}

TEST_CASE("changes go on while a process outside reads an old state, and readiness says so",
          "[system]") {
    PortalProcess portal(
        json{{"news", {{"database", {{"checkpoint_bytes", 65536}, {"wal_bytes_max", 1 << 20}}}}}});
    portal.start();
    tests::create(portal, "sports", new_item("before"));
    support::HttpClient operations(portal.operations());
    auto ready = [&] { return operations.request("GET", "/readyz"); };
    CHECK_FALSE(ready().json().contains("warnings"));
    database::StoreReader outsider(
        {"sports", portal.command_file("sports"), database::StoreKind::log});
    outsider.refresh().prepare("select count(*) from events").run();
    int number = 0;
    auto create_some = [&] {
        for (int i = 0; i < 30; ++i) {
            auto item = new_item("large " + std::to_string(++number));
            item["content"] = std::string(100000, 'x');
            tests::create(portal, "sports", item);
        }
    };

    auto begun = std::chrono::steady_clock::now();
    create_some();
    auto took = std::chrono::steady_clock::now() - begun;

    // Waiting for the outsider at each of them would take more than 5 s each.
    CHECK(took < 50s);
    auto told = ready();
    CHECK(told.status == 200);
    CHECK_THAT(told.json()["warnings"]["news-sports"].get<std::string>(),
               Catch::Contains("somebody reads an old state of the store news-sports.command"));

    outsider.release();
    CHECK(support::eventually([&] {
        create_some();
        return !ready().json().contains("warnings");
    }));
    CHECK(portal.stop() == 0);
}

TEST_CASE("verify of a backup works on a read-only disk", "[system]") {
    PortalProcess portal;
    make_content(portal);
    ReadOnlyMount disk(portal.data());
    if (!disk.is_there()) {
        WARN("nothing can be mounted here; not tested");
        return;
    }

    auto verified = portal.command({"verify"});

    INFO(verified.output << verified.errors);
    CHECK(verified.code == 0);
    CHECK_THAT(verified.output,
               Catch::Contains("sports: 5 events, 5 articles, the view is up to date: good"));
    CHECK_THAT(verified.output, Catch::Contains("identity: 0 events: good"));
}

TEST_CASE("verify of a backup that was taken from a running server says what is to be done",
          "[system]") {
    PortalProcess portal;
    make_content(portal);
    portal.start();
    tests::create(portal, "sports", new_item("in the write-ahead log"));
    portal.kill();
    for (const auto& file : std::filesystem::directory_iterator(portal.data())) {
        if (file.path().string().ends_with("-shm")) std::filesystem::remove(file);
    }
    ReadOnlyMount disk(portal.data());
    if (!disk.is_there()) {
        WARN("nothing can be mounted here; not tested");
        return;
    }

    auto verified = portal.command({"verify"});

    INFO(verified.output << verified.errors);
    CHECK(verified.code == 1);
    CHECK_THAT(verified.output, Catch::Contains("news-sports.command.db was not closed properly"));
    CHECK_THAT(verified.errors, !Catch::Contains("it failed"));
}
