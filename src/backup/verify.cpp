#include "backup/verify.hpp"

#include <map>
#include <system_error>

#include "digest_crypto.hpp"
#include "events_store.hpp"
#include "folder_service.hpp"
#include "operations/terminal.hpp"

namespace backup {

namespace {

using operations::with_commas;

/// Looks at each file once, however many backups share it.
class Verification {
public:
    Verification(const Folder& folder, const host::VerifyProgress& progress,
                 const std::vector<Manifest>& all)
        : folder_(folder), progress_(progress) {
        std::map<std::string, std::int64_t> bytes;
        for (const auto& manifest : all) {
            for (const auto& file : files_of(manifest)) bytes[file.path] = file.bytes;
        }
        for (const auto& [path, size] : bytes) total_ += size;
    }

    host::Finding check(const Manifest& manifest) {
        host::Finding found{manifest.id, {}};
        auto& problems = found.problems;
        std::int64_t events = 0;
        for (const auto& store : manifest.stores) {
            events += store.head.position;
            check_store(manifest, store, problems);
        }
        for (const auto& kept : manifest.files) {
            add(problems, check(manifest, kept.file));
            if (fits(kept.name, kept.file)) continue;
            problems.push_back(kept.name + " was damaged already when it was copied");
        }
        found.what = base::to_rfc3339(manifest.at) + ", " +
                     with_commas(std::ssize(manifest.stores)) + " stores, " + with_commas(events) +
                     " events";
        if (!manifest.together) {
            found.warnings.emplace_back(
                "its stores are some microseconds apart: somebody wrote without a pause");
        }
        return found;
    }

private:
    using Problems = std::vector<std::string>;

    static void add(Problems& to, const std::string& problem) {
        if (!problem.empty()) to.push_back(problem);
    }

    void check_store(const Manifest& manifest, const StoredStore& store, Problems& problems) {
        auto rest = check(manifest, store.rest);
        add(problems, rest);
        if (rest.empty()) {
            auto look = [&] { return engine_check(store); };
            for (const auto& line : once(store.rest.path + " engine", look))
                problems.push_back(line);
        }
        bus::Cursor at;
        for (const auto& segment : store.segments) {
            if (segment.before != at) {
                problems.push_back(store.name + ": events are missing behind position " +
                                   std::to_string(at.position) + ", before " + segment.file.path);
            }
            at = segment.last;
            auto file = check(manifest, segment.file);
            add(problems, file);
            if (!file.empty()) continue;
            auto key = segment.file.path + " " + std::to_string(segment.before.position) + "-" +
                       std::to_string(segment.last.position);
            auto look = [&] { return chain_check(segment); };
            for (const auto& line : once(key, look)) problems.push_back(line);
        }
        if (at != store.head) {
            problems.push_back(store.name + ": the events end at position " +
                               std::to_string(at.position) + ", and should at " +
                               std::to_string(store.head.position));
        }
    }

    /// Empty, or what is wrong with the file as such.
    std::string check(const Manifest& manifest, const StoredFile& file) {
        auto look = [&]() -> Problems {
            auto path = folder_.at(file.path);
            std::error_code missing;
            auto bytes = std::filesystem::file_size(path, missing);
            if (missing) return {file.path + " is missing (" + missing.message() + ")"};
            if (static_cast<std::int64_t>(bytes) != file.bytes) {
                return {file.path + " has " + std::to_string(bytes) + " bytes, and should have " +
                        std::to_string(file.bytes)};
            }
            auto part = [&](std::int64_t read) {
                done_ += read;
                if (progress_) progress_(manifest.id, done_, total_);
            };
            try {
                if (digest_of_file(path, part) == file.sha256) return {};
            } catch (const std::system_error& failure) {
                return {file.path + " cannot be read (" + failure.code().message() + ")"};
            }
            return {file.path + " is not what was written: its checksum does not fit"};
        };
        auto problems = once(file.path + " " + file.sha256, look);
        return problems.empty() ? std::string() : problems.front();
    }

    Problems engine_check(const StoredStore& store) const {
        Problems problems;
        try {
            database::StoreReader rest({store.name, folder_.at(store.rest.path)},
                                       database::Access::unchanging);
            for (const auto& line : rest.check()) {
                problems.push_back(store.rest.path + ": " + line);
            }
        } catch (const database::Failure& failure) {
            problems.push_back(store.rest.path + ": " + failure.what());
        }
        return problems;
    }

    Problems chain_check(const Segment& segment) const {
        try {
            follow_events(folder_.at(segment.file.path), segment.before, segment.last, {});
            return {};
        } catch (const database::Failure& failure) {
            return {segment.file.path + ": " + failure.what()};
        }
    }

    template <class Look>
    Problems once(const std::string& key, Look look) {
        auto known = looked_at_.find(key);
        if (known == looked_at_.end()) known = looked_at_.emplace(key, look()).first;
        return known->second;
    }

    const Folder& folder_;
    const host::VerifyProgress& progress_;
    std::map<std::string, Problems> looked_at_;
    std::int64_t done_ = 0;
    std::int64_t total_ = 0;
};

host::Finding check_folder(const Folder& folder, const std::vector<Listed>& all) {
    host::Finding found{folder.path().string(), with_commas(std::ssize(all)) + " backups"};
    for (const auto& name : folder.strangers(all)) {
        found.warnings.push_back(name + " is of no backup");
    }
    if (all.empty()) found.problems.emplace_back("there is no backup in it");
    return found;
}

}  // namespace

base::Result<std::vector<host::Finding>> verify(const std::filesystem::path& path,
                                                const std::string& id,
                                                const host::VerifyProgress& progress) {
    Folder folder(path);
    auto listed = folder.list();
    if (!listed) return listed.error();
    folder.hold();
    std::vector<host::Finding> all;
    Verification verification(folder, progress, readable(*listed));
    for (const auto& one : *listed) {
        if (!id.empty() && one.id != id) continue;
        if (one.manifest) {
            all.push_back(verification.check(*one.manifest));
        } else {
            all.push_back(
                {one.id, "its manifest", {"manifests/" + one.id + ".json: " + one.problem}});
        }
    }
    if (!id.empty() && all.empty()) {
        return base::Error{base::Reason::not_found, "unknown_backup",
                           "There is no backup " + id + " in " + path.string() + "."};
    }
    all.push_back(check_folder(folder, *listed));
    return all;
}

}  // namespace backup
