#include "open_store.hpp"

#include <array>
#include <iostream>

#include "dump_json.hpp"
#include "site_store.hpp"
#include "xml_dump.hpp"

namespace django {

namespace {

base::Error cannot_read(const std::filesystem::path& path, const std::string& why) {
    return {base::Reason::not_found, "cannot_read",
            "The source " + path.string() + " cannot be read" + why + "."};
}

std::unique_ptr<Source> dump_of(std::istream& input, char first, std::size_t bytes_max,
                                SourcePlace place) {
    if (first == '<') return std::make_unique<XmlDump>(input, bytes_max);
    return std::make_unique<JsonDump>(input, bytes_max, place);
}

/// By the first character of a dump.
std::string kind_of(char first) {
    return first == '<' ? "xml" : first == '[' ? "json" : "jsonl";
}

}  // namespace

base::Result<OpenSource> open_source(const std::filesystem::path& path, std::int64_t row_bytes_max,
                                     SourcePlace place) {
    OpenSource opened;
    auto bytes_max = static_cast<std::size_t>(row_bytes_max);
    if (path == "-") {
        std::ios::sync_with_stdio(false);
        auto first = static_cast<char>(std::cin.peek());
        opened.kind = kind_of(first);
        opened.source = dump_of(std::cin, first, bytes_max, {});
        return opened;
    }
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed)) {
        return cannot_read(path, ": there is no such file");
    }
    opened.bytes = static_cast<std::int64_t>(std::filesystem::file_size(path, failed));
    auto changed = std::filesystem::last_write_time(path, failed).time_since_epoch().count();
    opened.identity = std::filesystem::absolute(path).string() + " " +
                      std::to_string(opened.bytes) + " " + std::to_string(changed);
    auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
    std::array<char, 16> head{};
    file->read(head.data(), head.size());
    std::string_view begins(head.data(), static_cast<std::size_t>(file->gcount()));
    if (file->bad() || !file->is_open()) return cannot_read(path, "");
    if (begins == std::string_view("SQLite format 3\0", 16)) {
        // Opened by SQLite alone: closing it elsewhere would drop its locks.
        file.reset();
        try {
            auto site = std::make_unique<SiteStore>(path, bytes_max);
            for (const auto& table : site->untold()) {
                opened.notes.push_back(
                    "The table " + table +
                    " was not read: its name is that of no model, or it has no single key.");
            }
            opened.source = std::move(site);
            opened.kind = "sqlite";
        } catch (const database::Failure& failure) {
            return cannot_read(path, std::string(": ") + failure.what());
        }
        return opened;
    }
    file->clear();
    file->seekg(0);
    auto place_of_first = begins.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    auto first = place_of_first == begins.npos ? '\0' : begins[place_of_first];
    opened.kind = kind_of(first);
    opened.source = dump_of(*file, first, bytes_max, place);
    opened.file = std::move(file);
    return opened;
}

}  // namespace django
