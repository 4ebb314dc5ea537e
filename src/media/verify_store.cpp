#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "bus/log.hpp"
#include "database/store_file.hpp"
#include "digest_crypto.hpp"
#include "folder_files.hpp"
#include "media/events.hpp"
#include "media/module.hpp"
#include "verify.hpp"

namespace media {

namespace {

constexpr std::size_t problems_max = 100;

/// What the log says of one item.
struct Said {
    Bytes bytes;
    Description description;
    Focus focus;
    std::int64_t version = 0;
};

class Check {
public:
    Check(database::ReadTransaction& store, std::filesystem::path files)
        : store_(store), files_(std::move(files)) {}

    /// `kept`: the files there were before the store was looked at.
    ItemCheck run(bool has_bytes, const std::vector<std::filesystem::path>& kept) {
        bus::read_log(store_, 0, [this](const bus::Event& event) {
            try {
                auto said = media_event(event);
                std::visit([&](const auto& one) { take(event, one); }, said);
            } catch (const std::runtime_error& failure) {
                complain("event " + std::to_string(event.position) + ": " + failure.what());
            }
            return problems_.size() < problems_max;
        });
        compare();
        if (!has_bytes) return {std::move(problems_)};
        for (const auto& sha256 : used_) look_at(sha256);
        ItemCheck found{std::move(problems_)};
        auto strays = std::count_if(
            kept.begin(), kept.end(),
            [this](const std::filesystem::path& file) { return !used_.contains(sha256_of(file)); });
        if (strays == 0) return found;
        found.warnings.push_back("files below " + files_.string() +
                                 " that no item has: " + std::to_string(strays));
        return found;
    }

private:
    void complain(std::string problem) {
        if (problems_.size() < problems_max) problems_.push_back(std::move(problem));
    }

    void take(const bus::Event& event, const MediaAdded& added) {
        said_[event.stream] = {added.bytes, added.description, added.focus, event.version};
    }
    void take(const bus::Event& event, const MediaDescribed& described) {
        said_[event.stream].description = described.description;
        said_[event.stream].version = event.version;
    }
    void take(const bus::Event& event, const MediaRemoved&) { said_.erase(event.stream); }

    void compare() {
        auto row = store_.prepare(
            "select id, version, sha256, kind, bytes, width, height, alt, credit, focus_x, focus_y"
            " from items");
        std::int64_t rows = 0;
        while (row.step()) {
            ++rows;
            auto name = "the item " + std::to_string(row.integer(0));
            Bytes bytes{std::string(row.text(2)), std::string(row.text(3)), row.integer(4),
                        row.integer(5), row.integer(6)};
            Description description{std::string(row.text(7)), std::string(row.text(8))};
            Focus focus{row.real(9), row.real(10)};
            used_.insert(bytes.sha256);
            auto said = said_.find(row.integer(0));
            bool same = said != said_.end() && said->second.bytes == bytes &&
                        said->second.description == description && said->second.focus == focus &&
                        said->second.version == row.integer(1);
            if (!same) complain(name + " is not what the log says");
            if (said != said_.end()) said_.erase(said);
        }
        for (const auto& [id, said] : said_) {
            complain("the item " + std::to_string(id) + " is missing");
        }
        auto total = store_.prepare("select items from totals where id = 1");
        if (!total.step() || total.integer(0) != rows) {
            complain("the number of items is not what is kept of it");
        }
    }

    void look_at(const std::string& sha256) {
        if (problems_.size() >= problems_max) return;
        auto path = files_ / place_of(sha256);
        try {
            if (digest_of_file(path) != sha256) complain(path.string() + " is damaged");
        } catch (const std::system_error& failure) {
            complain(std::string("a file cannot be read: ") + failure.what());
        }
    }

    database::ReadTransaction& store_;
    const std::filesystem::path files_;
    std::vector<std::string> problems_;
    std::map<ItemId, Said> said_;
    std::set<std::string> used_;
};

}  // namespace

std::filesystem::path files_folder(const std::filesystem::path& folder) {
    return folder / "media";
}

ItemCheck check_items(const std::filesystem::path& folder, bool has_bytes) {
    // First: what comes meanwhile has an item, and no file here.
    auto kept = files_in(files_folder(folder));
    database::StoreReader store(Module::stores(Config(), folder).front());
    return Check(store.refresh(), files_folder(folder)).run(has_bytes, kept);
}

}  // namespace media
