#include "disk_log.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace tests {

using preloaded::DiskOperation;
using preloaded::DiskRecord;

namespace {

std::string folder_of(const std::string& path) {
    return std::filesystem::path(path).parent_path().string();
}

/// Not of the disk that is looked at.
bool is_left_out(const std::string& path) {
    return path.ends_with("-shm") || path == "logs" || path.starts_with("logs/");
}

void put(std::string& content, std::uint64_t at, std::string_view data) {
    if (content.size() < at + data.size()) content.resize(at + data.size(), '\0');
    content.replace(at, data.size(), data);
}

}  // namespace

DiskLog::DiskLog(const std::filesystem::path& log, std::filesystem::path folder)
    : folder_(std::move(folder)) {
    std::ifstream in(log, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(in), {});
    std::size_t at = 0;
    auto inside = [this](std::string path) {
        auto gone = path.find(" (deleted)");
        if (gone != std::string::npos) return std::string("logs/");
        path.erase(0, folder_.string().size());
        return path.starts_with("/") ? path.substr(1) : path;
    };
    while (at + sizeof(DiskRecord) <= bytes_.size()) {
        Record record;
        std::memcpy(&record.head, bytes_.data() + at, sizeof(DiskRecord));
        at += sizeof(DiskRecord);
        auto length = std::size_t{record.head.path_bytes} + record.head.data_bytes;
        // The server was killed while it wrote this down.
        if (at + length > bytes_.size()) break;
        record.path = inside(bytes_.substr(at, record.head.path_bytes));
        record.data = at + record.head.path_bytes;
        at += length;
        record.end = at;
        if (!is_left_out(record.path)) records_.push_back(std::move(record));
    }
}

/// The disk while the log is gone through: what is durable of it, and what is not.
class DiskLog::Disk {
public:
    explicit Disk(const DiskLog& log) : log_(log) {}

    void apply(const Record& record) {
        switch (record.head.operation) {
            case DiskOperation::create:
                inodes_.erase(record.head.inode);
                file_of(record);
                break;
            case DiskOperation::write:
            case DiskOperation::truncate:
                files_[file_of(record)].since.push_back(&record);
                break;
            case DiskOperation::sync_begin:
                begin_sync(record);
                break;
            case DiskOperation::sync_end:
                end_sync(record);
                break;
            case DiskOperation::remove:
                names_.erase(record.path);
                changed_[folder_of(record.path)].push_back({record.path, -1});
                break;
            case DiskOperation::rename:
                rename(record);
                break;
            case DiskOperation::make_folder:
                folders_.insert(record.path);
                break;
        }
    }

    void write(const std::filesystem::path& target, Unsynced unsynced, Dice& dice) {
        for (auto& [folder, changes] : changed_) {
            auto count = unsynced == Unsynced::lost ? 0
                         : unsynced == Unsynced::kept
                             ? static_cast<int>(changes.size())
                             : dice.number(0, static_cast<int>(changes.size()));
            settle(changes, static_cast<std::size_t>(count));
        }
        std::filesystem::create_directories(target);
        for (const auto& folder : folders_) std::filesystem::create_directories(target / folder);
        for (const auto& [path, file] : durable_) {
            auto content = after(files_[static_cast<std::size_t>(file)], unsynced, dice);
            std::ofstream out(target / path, std::ios::binary | std::ios::trunc);
            if (!(out << content << std::flush)) throw std::runtime_error("cannot write " + path);
        }
    }

private:
    std::size_t file_of(const Record& record) {
        auto [known, is_new] = inodes_.try_emplace(record.head.inode, files_.size());
        if (is_new) {
            files_.emplace_back();
            auto number = static_cast<int>(known->second);
            names_[record.path] = number;
            changed_[folder_of(record.path)].push_back({record.path, number});
        }
        return known->second;
    }

    bool is_folder(const Record& record) const {
        return record.path.empty() || folders_.contains(record.path);
    }

    void begin_sync(const Record& record) {
        auto& until = begun_[record.head.at];
        if (is_folder(record)) {
            until = settled_[record.path] + changed_[record.path].size();
        } else {
            const auto& file = files_[file_of(record)];
            until = file.settled + file.since.size();
        }
    }

    /// How many of those that are left were there when the sync began: another one, which began
    /// later, may have ended before it.
    static std::size_t count_until(std::size_t until, std::size_t settled) {
        return until > settled ? until - settled : 0;
    }

    void end_sync(const Record& record) {
        auto until = begun_[record.head.at];
        if (is_folder(record)) {
            auto& changes = changed_[record.path];
            auto& settled = settled_[record.path];
            auto count = count_until(until, settled);
            settled += count;
            settle(changes, count);
            changes.erase(changes.begin(), changes.begin() + static_cast<std::ptrdiff_t>(count));
            return;
        }
        auto& file = files_[file_of(record)];
        auto count = count_until(until, file.settled);
        file.settled += count;
        for (std::size_t i = 0; i < count; ++i) apply_to(file.content, *file.since[i]);
        file.since.erase(file.since.begin(),
                         file.since.begin() + static_cast<std::ptrdiff_t>(count));
    }

    void rename(const Record& record) {
        std::string to(log_.data_of(record).substr(log_.folder_.string().size() + 1));
        auto known = names_.find(record.path);
        if (known == names_.end()) throw std::runtime_error("nobody made " + record.path);
        auto file = known->second;
        names_.erase(record.path);
        names_[to] = file;
        // One change: never both names, never none.
        changed_[folder_of(to)].push_back({to, file, record.path});
    }

    struct Change {
        std::string path;
        int file = -1;
        std::string from{};
    };

    /// The first so many changes of names become durable.
    void settle(const std::vector<Change>& changes, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto& change = changes[i];
            if (!change.from.empty()) durable_.erase(change.from);
            if (change.file < 0) {
                durable_.erase(change.path);
            } else {
                durable_[change.path] = change.file;
            }
        }
    }

    void apply_to(std::string& content, const Record& record) const {
        if (record.head.operation == DiskOperation::truncate) {
            content.resize(record.head.at, '\0');
        } else {
            put(content, record.head.at, log_.data_of(record));
        }
    }

    std::string after(const File& file, Unsynced unsynced, Dice& dice) const {
        auto content = file.content;
        if (unsynced == Unsynced::lost) return content;
        std::uint64_t unit = unsynced == Unsynced::by_sector ? 512 : 4096;
        for (const auto* record : file.since) {
            bool is_whole = unsynced == Unsynced::kept;
            if (is_whole || record->head.operation == DiskOperation::truncate) {
                if (is_whole || dice.chance(50)) apply_to(content, *record);
                continue;
            }
            auto data = log_.data_of(*record);
            for (std::uint64_t done = 0; done < data.size();) {
                auto at = record->head.at + done;
                auto part = data.substr(done, unit - at % unit);
                if (dice.chance(50)) put(content, at, part);
                done += part.size();
            }
        }
        return content;
    }

    const DiskLog& log_;
    std::vector<File> files_;
    std::map<std::uint64_t, std::size_t> inodes_;
    std::map<std::string, int> names_;                    ///< as the server sees them
    std::map<std::string, int> durable_;                  ///< as they are after the cut
    std::map<std::string, std::vector<Change>> changed_;  ///< of each folder, not durable yet
    std::set<std::string> folders_;
    std::map<std::string, std::size_t> settled_;  ///< how many of each folder are, by now
    /// Syncs, and how many changes there had been before each, settled ones included.
    std::map<std::uint64_t, std::size_t> begun_;
};

void DiskLog::make(const std::filesystem::path& target, std::size_t bytes, Unsynced unsynced,
                   Dice& dice) const {
    Disk disk(*this);
    for (const auto& record : records_) {
        if (record.end > bytes) break;
        disk.apply(record);
    }
    disk.write(target, unsynced, dice);
}

}  // namespace tests
