#include "staging_service.hpp"

#include <algorithm>
#include <fstream>
#include <future>

#include "names.hpp"
#include "packed_value.hpp"
#include "walk_service.hpp"

namespace django {

namespace {

/// All that the staged rows hang on, but for the rules that are carried out on them.
std::string identity_of(const OpenSource& opened, const Mapping& mapping, const Config& config) {
    std::string identity = "4 " + opened.identity;
    identity += " row_bytes_max " + std::to_string(config.row_bytes_max);
    for (const auto& [model, fields] : mapping.natural_keys) {
        identity += " " + model;
        for (const auto& field : fields) identity += "," + field;
    }
    for (const auto& [field, model] : mapping.relations) identity += " " + field + ">" + model;
    return identity;
}

/// Which run of the machine this is; empty: not known.
std::string this_boot() {
    std::string id;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
    return id;
}

void put(StagingStore& store, const Record& record, std::string_view packed, bool verified) {
    auto reject = [&](const char* code, const char* message) {
        store.reject({record.model, record.line, code, message, shortened(to_json(record.fields))});
    };
    switch (store.put(record, packed, verified)) {
        case StagingStore::Put::added:
            break;
        case StagingStore::Put::repeated:
            store.reject({record.model, record.line, "repeated", "", ""});
            break;
        case StagingStore::Put::differs:
            reject("duplicate_pk",
                   "Another row before this one has the same pk and says something else; the "
                   "first one counts.");
            break;
        case StagingStore::Put::unreadable:
            store.reject({record.model, record.line, "bad_text",
                          "A text in this row is not UTF-8, has a NUL, or is too deep.", ""});
            break;
        case StagingStore::Put::missing_key:
            reject("missing_key",
                   "The row has no pk, and `natural_keys` of the mapping does not say which of "
                   "its fields stand for one.");
            break;
        case StagingStore::Put::long_key:
            reject("bad_key", "The pk or natural key is longer than 1000 bytes.");
            break;
        case StagingStore::Put::too_many_models:
            reject("too_many_models",
                   "The source has more than 2000 models; this row is of one more.");
            break;
    }
}

/// What comes next of a source, up to a bound; `end` with the last of it.
struct SomeRows {
    std::vector<Source::Item> items{};
    std::vector<std::string> packed{};  ///< of each record its fields
    std::optional<SourceEnd> end{};
    SourcePlace place{};  ///< behind them
    std::int64_t bytes_read = 0;
};

SomeRows read_some(OpenSource& opened, std::size_t rows_max) {
    constexpr std::size_t bytes_max = 4 * 1024 * 1024;
    SomeRows some;
    std::size_t bytes = 0;
    while (some.items.size() < rows_max && bytes < bytes_max) {
        auto item = opened.source->next();
        if (const auto* end = std::get_if<SourceEnd>(&item)) {
            some.end = *end;
            return some;
        }
        if (const auto* record = std::get_if<Record>(&item)) {
            bytes += memory_of(record->fields);
            some.packed.push_back(packed(record->fields));
        }
        some.items.push_back(std::move(item));
    }
    some.place = opened.source->place().value_or(SourcePlace{});
    some.bytes_read = opened.bytes_read();
    return some;
}

base::Result<void> fill(StagingStore& store, const Staging& staging, OpenSource opened) {
    auto place = store.place();
    if (place && opened.source->place()) {
        auto again = open_source(staging.source, staging.config.row_bytes_max, *place);
        if (!again) return again.error();
        opened = std::move(*again);
    } else if (place) {
        store.start_anew();
    }
    bool verified = opened.source->is_verified();
    std::int64_t kept = 0;
    std::int64_t rows = 0;
    // While some are written, the next ones are read.
    auto rows_max =
        static_cast<std::size_t>(std::min<std::int64_t>(staging.config.batch_rows, 500));
    auto read = [&opened, rows_max] { return read_some(opened, rows_max); };
    auto reading = std::async(std::launch::async, read);
    for (;;) {
        auto some = reading.get();
        if (!some.end) reading = std::async(std::launch::async, read);
        auto fields = some.packed.begin();
        for (const auto& item : some.items) {
            if (const auto* record = std::get_if<Record>(&item)) {
                put(store, *record, *fields++, verified);
            } else {
                store.reject(std::get<Reject>(item));
            }
        }
        rows += std::ssize(some.items);
        if (some.end) {
            store.complete(opened.source->relations(), some.end->cut_off);
            return {};
        }
        if (rows - kept >= staging.config.batch_rows) {
            store.keep(some.place);
            kept = rows;
        }
        staging.progress("reading", some.bytes_read, opened.bytes);
        if (!staging.stop.load()) continue;
        if (kept < rows) store.keep(some.place);
        return import_stopped();
    }
}

}  // namespace

base::Error base_is_no_dump(const std::filesystem::path& base) {
    return {base::Reason::invalid, "base_is_no_dump",
            "The base " + base.string() +
                " is no JSON of dumpdata. A database or XML does not tell numbers, times and JSON "
                "apart as loaddata needs it: make a dump of the site that was imported, with "
                "`manage.py dumpdata --format jsonl`."};
}

base::Result<Staged> stage(OpenSource opened, const Staging& staging) {
    StagingStore::Options options;
    options.file = staging.file;
    options.identity = identity_of(opened, staging.mapping, staging.config);
    options.boot = this_boot();
    options.is_kept = staging.is_kept;
    options.natural_keys = staging.mapping.natural_keys;
    options.reverses = staging.mapping.reverses;
    options.cache_bytes = staging.config.cache_bytes_max;
    Staged staged;
    staged.store = std::make_unique<StagingStore>(std::move(options));
    staged.naive_is_utc = staging.mapping.naive_is_utc.value_or(opened.source->naive_is_utc());
    staged.cuts_times = opened.source->cuts_times();
    staged.notes = opened.notes;
    if (staged.store->is_complete()) return staged;
    auto filled = fill(*staged.store, staging, std::move(opened));
    if (!filled) return filled.error();
    return staged;
}

void tell_relations(StagingStore& store, const Mapping& mapping) {
    auto told = store.told_relations();
    for (const auto& [field, model] : mapping.relations) told[field] = model;
    store.set_relations(Relations(std::move(told), store.models()));
}

}  // namespace django
