#include "document_store.hpp"

#include <libstemmer.h>
#include <utf8proc.h>

#include <algorithm>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "words.hpp"

namespace search {

namespace {

Document some_document() {
    Document document;
    document.news_type = "sports";
    document.article = 1;
    document.version = 1;
    document.owner = 7;
    document.language = "de-AT";
    document.title = "Alte Häuser, 2 Straßen";
    document.description = "東京2020 서울시";
    document.author = "Zoë Ø";
    document.tags = {"New York", "Fußball"};
    document.content = "<p>Wir <b>hö</b>ren &amp; sehen</p>";
    document.format = news::ContentFormat::html;
    return document;
}

}  // namespace

TEST_CASE("an index that was made of these words is one of this version") {
    // Whoever makes other words of them raises the version in words.cpp, so that no index has both.
    REQUIRE(words_version().starts_with("3 "));
    auto texts = texts_of(some_document(), "en");
    for (auto& text : texts) std::replace(text.begin(), text.end(), '\x1f', '|');
    CHECK(texts == std::vector<std::string>{
                       "alte|alt hauser|haus 2 strassen|strass", "new york fussball",
                       "東京 京 2020 서울 울시 시", "zoe o", "wir horen|hor sehen|seh",
                       "type=c3BvcnRz author=Wm_DqyDDmA language=ZGU owner=Nw tag=TmV3IFlvcms"
                       " tag=RnXDn2JhbGw"});
}

TEST_CASE("documents of one batch make one part of the index, in whichever order they come") {
    support::TemporaryFolder folder;
    database::Options options;
    options.file = folder.path() / "search.db";
    options.name = "search";
    options.migrations = schema();
    auto database = database::Database::open(options);
    REQUIRE(database);
    auto work = [](database::Transaction& transaction) -> base::Result<void> {
        const std::string language = "en";
        DocumentStore store(transaction, language);
        for (int i = 30; i > 0; --i) {
            auto document = some_document();
            document.article = i;
            document.is_public = true;
            document.published_at = base::Time(std::chrono::hours(i));
            store.replace(std::nullopt, document, {});
        }
        store.finish();
        return {};
    };
    REQUIRE(base::run((*database)->write<void>(base::Deadline(), 0, work)));
    auto look = [](database::ReadTransaction& transaction) -> base::Result<std::int64_t> {
        auto row = transaction.prepare("select count(distinct segid) from entries_idx");
        row.step();
        return row.integer(0);
    };
    auto parts = base::run((*database)->read<std::int64_t>(base::Deadline(), look));
    REQUIRE(parts);
    CHECK(*parts == 1);
}

TEST_CASE("another version of any stemmer makes another version of the words") {
    auto version = words_version();
    CHECK(version.find(utf8proc_version()) != version.npos);
    for (const char** name = sb_stemmer_list(); *name; ++name) {
        CAPTURE(*name);
        auto at = version.find(std::string(" ") + *name + ' ');
        REQUIRE(at != version.npos);
        // Of one that leaves all the words as they are, nothing would be told.
        auto stems = version.substr(at + std::string(*name).size() + 2);
        auto last = name[1] ? stems.find(std::string(name[1]) + ' ') : stems.size();
        CHECK(last > 0);
    }
}

}  // namespace search
