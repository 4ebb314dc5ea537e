// Backups on time, and who hears of those that fail.
#include "backup_service.hpp"

#include <fstream>

#include "fixture.hpp"
#include "folder_service.hpp"
#include "http/scripted_upstream.hpp"

namespace backup {

namespace {

using namespace std::chrono_literals;
using tests::ScriptedUpstream;

struct OnTime : Folders {
    OnTime() {
        site.config.folder = backups.string();
        site.config.every_h = 24;
        site.config.late_h = 30;
        site.config.alert_url = hook.address().text() + "/alerts?to=desk";
    }
    std::size_t count() {
        auto listed = Folder(backups).list();
        return listed ? listed->size() : 0;
    }
    bool shows(const std::string& line) {
        return site.metrics.text().find("\n" + line + "\n") != std::string::npos;
    }

    ScriptedUpstream hook{{ScriptedUpstream::answer("HTTP/1.1 204 No Content\r\n\r\n")}};
    Site site{data};
};

}  // namespace

TEST_CASE("backups are made when they are due", "[backup]") {
    OnTime with;
    BackupService service(with.site.subject(), with.site.metrics);
    service.load();
    service.look();
    CHECK(with.count() == 1);
    service.look();
    with.site.clock.advance(23h);
    service.look();
    CHECK(with.count() == 1);
    with.site.clock.advance(1h);
    service.look();
    CHECK(with.count() == 2);
    CHECK(with.shows("portal_backup_made_total 2"));
    CHECK(with.shows("portal_backup_failed_total 0"));
    CHECK(with.shows("portal_backup_late 0"));
    CHECK(service.warning().empty());
    CHECK(with.hook.requests().empty());

    // Whoever starts later goes on from what is there.
    BackupService next(with.site.subject(), with.site.metrics);
    next.load();
    next.look();
    CHECK(with.count() == 2);
    // A clock that was ahead does not keep the next one away.
    with.site.clock.set_by(-100h);
    next.look();
    CHECK(with.count() == 3);
}

TEST_CASE("a backup that fails or is late is told once, and shown until it is well", "[backup]") {
    OnTime with;
    std::filesystem::create_directories(with.backups);
    std::ofstream(with.backups / "letter.txt") << "Dear Ann";
    BackupService service(with.site.subject(), with.site.metrics);
    service.load();

    service.look();
    CHECK(with.shows("portal_backup_failed_total 1"));
    CHECK(service.warning().find("the last attempt failed") == 0);
    REQUIRE(with.hook.requests().size() == 1);
    auto told = with.hook.requests().front();
    CHECK(told.starts_with("POST /alerts?to=desk HTTP/1.1\r\n"));
    CHECK(told.find("\"event\":\"backup_failed\"") != std::string::npos);
    CHECK(told.find("\"last_success\":null") != std::string::npos);
    // Not again before there is hope.
    service.look();
    CHECK(with.hook.requests().size() == 1);
    with.site.clock.advance(16min);
    service.look();
    CHECK(with.hook.requests().size() == 2);

    with.site.clock.advance(30h);
    service.look();
    service.look();
    CHECK(with.shows("portal_backup_late 1"));
    CHECK(service.warning().find("younger than 30 hours") != std::string::npos);
    REQUIRE(with.hook.requests().size() == 4);
    CHECK(with.hook.requests()[3].find("\"event\":\"backup_late\"") != std::string::npos);

    std::filesystem::remove(with.backups / "letter.txt");
    with.site.clock.advance(1h);
    service.look();
    CHECK(with.count() == 1);
    CHECK(service.warning().empty());
    CHECK(with.shows("portal_backup_late 0"));
    CHECK(with.hook.requests().size() == 4);
}

TEST_CASE("an alert that is not taken is sent again, a few times", "[backup]") {
    OnTime with;
    ScriptedUpstream hook({ScriptedUpstream::answer("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
                           ScriptedUpstream::answer("HTTP/1.1 204 No Content\r\n\r\n")});
    AlertService alerts(hook.address().text() + "/x", with.site.metrics);
    std::vector<std::chrono::milliseconds> pauses;
    auto pause = [&](std::chrono::milliseconds span) {
        pauses.push_back(span);
        return true;
    };
    alerts.send({"backup_failed", "/b", "Why", with.site.clock.now(), {}}, pause);
    CHECK(pauses == std::vector<std::chrono::milliseconds>{1s});

    ScriptedUpstream never(
        {ScriptedUpstream::answer("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")});
    AlertService in_vain(never.address().text(), with.site.metrics);
    pauses.clear();
    in_vain.send({"backup_failed", "/b", "Why", with.site.clock.now(), {}}, pause);
    CHECK(pauses == std::vector<std::chrono::milliseconds>{1s, 4s});
    CHECK(check_alert_url("http://127.0.0.1:9/x"));
    CHECK_FALSE(check_alert_url("ftp://127.0.0.1/x"));
}

TEST_CASE("the work of backups ends when it is told to", "[backup]") {
    OnTime with;
    BackupService service(with.site.subject(), with.site.metrics);
    std::thread work([&] { service.work(); });
    service.stop();
    work.join();
    CHECK(service.ended().value() == 1);
    CHECK(with.count() == 0);
}

}  // namespace backup
