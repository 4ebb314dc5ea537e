#include <algorithm>

#include "base/text.hpp"
#include "media/module.hpp"
#include "rendition.hpp"

namespace media {

namespace {

constexpr std::int64_t width_max = 10'000;

bool has_only(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || others.find(c) != others.npos;
    });
}

void describe_store(config::Section& section, StoreConfig& store) {
    constexpr std::int64_t mib = 1024 * 1024;
    section.text("endpoint", store.endpoint,
                 "An object store that speaks S3's API, as https://s3.eu-central-1.amazonaws.com; "
                 "empty: bytes are kept in the folder media.");
    section.text("bucket", store.bucket, "Its bucket, which is there already.");
    section.text("region", store.region, "Its region, as requests are signed for it.");
    section.text("prefix", store.prefix, "What the names of objects begin with, as media/.");
    section.text("access_key", store.access_key, "The id of the key for it.");
    section.path("secret_key_file", store.secret_key_file,
                 "The file with the secret of that key; its owner's alone to read (0600).");
    section.integer("copies_bytes_max", store.copies_bytes_max, {64 * mib, mib << 30},
                    "Room on the disk for copies of what is used (media/copies); then those that "
                    "were not asked for the longest go.");
    describe(section.section("client", "Limits of what is asked of it."), store.client);
    if (store.endpoint.empty()) return;
    auto address = http::parse_upstream(store.endpoint);
    if (!address) section.refuse("endpoint", address.error().message);
    if (store.bucket.size() < 3 || !has_only(store.bucket, ".-")) {
        section.refuse("bucket",
                       "name the bucket: small letters, digits, . and -, three at least.");
    }
    if (store.region.empty() || !has_only(store.region, "-")) {
        section.refuse("region", "expected small letters, digits and -.");
    }
    bool good = store.prefix.empty() || (store.prefix.ends_with('/') && store.prefix[0] != '/' &&
                                         store.prefix.find("//") == store.prefix.npos);
    if (!good || !has_only(store.prefix, "-_./")) {
        section.refuse("prefix", "expected small letters, digits and - _ . with a / at the end.");
    }
    if (store.access_key.empty()) section.refuse("access_key", "name the key.");
    if (store.secret_key_file.empty()) section.refuse("secret_key_file", "name the file.");
}

}  // namespace

void describe(config::Section& section, Config& config) {
    section.integer("bytes_max", config.bytes_max, {1024, 64 * 1024 * 1024},
                    "The largest file that is taken.");
    section.integer("uploads_max", config.uploads_max, {1, 1000},
                    "How many files may be on their way here at once.");
    section.list("kinds", config.kinds,
                 "What is taken besides pictures, by its content: pdf, mp3, mp4.");
    section.integer("workers", config.workers, {1, 64},
                    "Processes that decode and encode pictures, one picture at a time each.");
    section.integer("queue_max", config.queue_max, {1, 10000},
                    "Pictures that may wait for them; what comes then is refused for now.");
    section.integer("pixels_max", config.pixels_max, {1'000'000, 200'000'000},
                    "Pixels that a picture may have.");
    section.duration("job_time_max_ms", config.job_time_max_ms, {100, 120'000},
                     "How long one picture may take, then it counts as damaged.");
    section.integer("worker_memory_mib", config.worker_memory_mib, {256, 16384},
                    "Memory that one of the processes may have.");
    section.list("widths", config.widths, "Widths that renditions of pictures are made in.");
    section.list("ratios", config.ratios,
                 "Shapes that renditions are cut to, width to height; and always their own.");
    section.integer("cache_bytes_max", config.cache_bytes_max, {1024 * 1024, std::int64_t{1} << 50},
                    "Room on the disk for renditions; then those that were not asked for the "
                    "longest go.");
    section.integer("disk_free_bytes_min", config.disk_free_bytes_min, {0, std::int64_t{1} << 50},
                    "Room on the disk that files and renditions leave to everything else: below it "
                    "none is taken or made. More than operations.disk_free_bytes_min, so that the "
                    "stores go on.");
    describe_store(section.section("store", "Where the bytes are kept."), config.store);
    describe(section.section("database", "Limits of media.db."), config.database);
    describe(section.section("bus", "How the news are heard, to know which files they show."),
             config.bus);
    for (const auto& kind : config.kinds) {
        if (kind == "pdf" || kind == "mp3" || kind == "mp4") continue;
        section.refuse("kinds", "knows pdf, mp3 and mp4, not " + kind + ".");
    }
    for (const auto& width : config.widths) {
        auto number = base::parse_number(width, width_max);
        if (number && *number > 0) continue;
        section.refuse("widths", "expected numbers from 1 to 10000, got " + width + ".");
    }
    for (const auto& ratio : config.ratios) {
        if (parse_ratio(ratio)) continue;
        section.refuse("ratios", "expected two numbers up to 100, as 16:9, got " + ratio + ".");
    }
}

}  // namespace media
