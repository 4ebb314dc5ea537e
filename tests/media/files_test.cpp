// Where bytes are: a folder, and a bucket of an object store that is faked. One suite for both.
#include <fcntl.h>
#include <sys/stat.h>

#include <deque>
#include <fstream>
#include <map>

#include "bucket_service.hpp"
#include "digest_crypto.hpp"
#include "fixture.hpp"

namespace media {

namespace {

using Statuses = std::deque<int>;

/// An object store in memory.
class FakeBucket final : public http::Client {
public:
    base::Task<http::ClientResponse> send(http::ClientRequest request, base::Deadline) override {
        ++asked;
        auto checked = http::check(request);
        if (!checked) co_return checked.error();
        last = request;
        std::string content;
        if (auto* upload = std::get_if<http::ClientUpload>(&request.body)) {
            auto source = upload->source;
            auto all = co_await http::collect(source, std::size_t(-1));
            if (!all) co_return all.error();
            content = std::move(*all);
            CHECK(upload->length == content.size());
        }
        int status = 200;
        if (!fails.empty()) {
            status = fails.front();
            fails.pop_front();
        }
        if (status == 0) {
            co_return base::Error{base::Reason::unavailable, "upstream_refused", "Nobody."};
        }
        http::ClientResponse response;
        response.status = status;
        std::string said;
        if (status != 200) {
            said = "<Error><Code>" + code + "</Code></Error>";
        } else if (request.method == http::Method::put) {
            objects[request.target] = content;
        } else if (request.method == http::Method::del) {
            response.status = objects.erase(request.target) > 0 ? 204 : 404;
        } else if (objects.contains(request.target)) {
            said = objects[request.target];
        } else {
            response.status = 404;
            said = "<Error><Code>NoSuchKey</Code></Error>";
        }
        response.body = std::make_shared<Content>(std::move(said));
        co_return std::move(response);
    }

    std::map<std::string, std::string> objects;
    Statuses fails;  ///< what the next questions are answered; 0: nobody is there
    std::string code = "InternalError";
    int asked = 0;
    http::ClientRequest last;

private:
    class Content final : public http::ClientBody {
    public:
        explicit Content(std::string text) : text_(std::move(text)) {}
        base::Task<std::string> read_some() override {
            auto piece = text_.substr(0, 1000);
            text_.erase(0, piece.size());
            co_return piece;
        }

    private:
        std::string text_;
    };
};

constexpr std::int64_t room = 100'000;

struct Place {
    telemetry::Counter failures;
    FakeBucket* bucket = nullptr;
    support::TemporaryFolder folder;
    support::FakeClock clock;
    std::unique_ptr<Files> files;

    void open(bool far) {
        auto known = bucket ? bucket->objects : std::map<std::string, std::string>();
        files.reset();
        if (!far) {
            files = std::make_unique<FolderFiles>(FolderFiles::Options{folder.path(), 10});
            return;
        }
        auto client = std::make_unique<FakeBucket>();
        bucket = client.get();
        bucket->objects = std::move(known);
        BucketService::Options options;
        options.server = *http::parse_upstream("http://store.example:9000");
        options.bucket = "pictures";
        options.region = "eu-1";
        options.prefix = "site/";
        options.key = {"id", "secret"};
        options.copies = folder.path();
        options.copies_bytes_max = room;
        options.queue_max = 10;
        options.retry_wait = {};
        files =
            std::make_unique<BucketService>(std::move(options), std::move(client), clock, failures);
    }
    base::Result<Hold> keep(const std::string& bytes) {
        auto file = files->begin();
        REQUIRE(file);
        REQUIRE((*file)->append(bytes));
        return base::run(files->keep(std::move(*file), digest_of(bytes), {}));
    }
    base::Result<std::filesystem::path> path(const std::string& bytes) {
        return base::run(files->file(digest_of(bytes), {}));
    }
    /// What can be read of these bytes; nothing if they are not there.
    std::string read(const std::string& bytes) {
        auto found = path(bytes);
        if (!found) return "";
        std::ifstream in(*found, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    base::Result<bool> remove(const std::string& bytes, bool is_used = false) {
        return base::run(files->remove(digest_of(bytes), [is_used] { return is_used; }));
    }
    std::size_t copies() const { return files_in(folder.path()).size(); }
};

template <class T>
std::string refusal_of(const base::Result<T>& result) {
    return result ? "" : result.error().code;
}

}  // namespace

TEST_CASE("bytes are kept, read and removed, wherever they are", "[media]") {
    for (bool far : {false, true}) {
        CAPTURE(far);
        Place place;
        place.open(far);
        const std::string bytes(70'000, 'a');
        {
            auto held = place.keep(bytes);
            REQUIRE(held);
            CHECK(place.read(bytes) == bytes);
            // Whoever writes down that they are used is waited for by nobody.
            CHECK_FALSE(*place.remove(bytes));
        }
        CHECK_FALSE(*place.remove(bytes, true));
        place.open(far);
        CHECK(place.files->sweep([](const std::string&) { return true; }) == 0);
        CHECK(place.read(bytes) == bytes);
        REQUIRE(place.keep(bytes));
        CHECK(*place.remove(bytes));
        CHECK(place.read(bytes).empty());
        REQUIRE(place.keep(bytes));
        CHECK(place.read(bytes) == bytes);
        // One that is not kept leaves nothing, and who decodes it cannot write to it.
        auto left = place.files->begin();
        REQUIRE(left);
        CHECK((::fcntl((*left)->descriptor(), F_GETFL) & O_ACCMODE) == O_RDONLY);
        left->reset();
        CHECK(place.copies() == 1);
        CHECK(place.files->sweep([](const std::string&) { return false; }) == 1);
        CHECK(place.copies() == 1);
    }
}

TEST_CASE("a bucket has what the folder would have, and copies are fetched again", "[media]") {
    Place place;
    place.open(true);
    const std::string bytes = "some bytes";
    REQUIRE(place.keep(bytes));
    auto sha256 = digest_of(bytes);
    auto name = "/pictures/site/" + sha256.substr(0, 2) + "/" + sha256.substr(2);
    REQUIRE(place.bucket->objects.contains(name));
    CHECK(place.bucket->objects[name] == bytes);
    auto field = [&](const std::string& wanted) {
        for (const auto& [its_name, value] : place.bucket->last.fields) {
            if (its_name == wanted) return value;
        }
        return std::string();
    };
    CHECK(field("X-Amz-Content-Sha256") == sha256);
    CHECK(field("Authorization").starts_with("AWS4-HMAC-SHA256 Credential=id/"));
    CHECK(place.bucket->asked == 1);
    CHECK(place.read(bytes) == bytes);
    CHECK(place.bucket->asked == 1);

    std::filesystem::remove(*place.path(bytes));
    CHECK(place.read(bytes) == bytes);
    CHECK(place.bucket->asked == 2);
    CHECK(place.copies() == 1);
    // What comes back is held against its name.
    std::filesystem::remove(*place.path(bytes));
    place.bucket->objects[name] = "other bytes";
    CHECK(refusal_of(place.path(bytes)) == "media_unreadable");
    CHECK(place.copies() == 0);
    place.bucket->objects.clear();
    CHECK(refusal_of(place.path(bytes)) == "media_unreadable");
    CHECK(place.files->trouble().empty());
}

TEST_CASE("copies of what is in a bucket stay within their room", "[media]") {
    Place place;
    place.open(true);
    std::vector<std::string> all;
    for (char c : {'a', 'b', 'c', 'd'}) {
        all.emplace_back(30'000, c);
        REQUIRE(place.keep(all.back()));
        if (c == 'd') break;
        timespec times[2] = {{1000 + c, 0}, {0, UTIME_OMIT}};
        REQUIRE(::utimensat(AT_FDCWD, place.path(all.back())->c_str(), times, 0) == 0);
    }
    CHECK(place.copies() == 3);
    auto asked = place.bucket->asked;
    CHECK(place.read(all[3]) == all[3]);
    CHECK(place.read(all[1]) == all[1]);
    CHECK(place.bucket->asked == asked);
    CHECK(place.read(all[0]) == all[0]);
    CHECK(place.bucket->asked == asked + 1);
}

TEST_CASE("an object store that does not answer well is asked again, and then told of", "[media]") {
    Place place;
    place.open(true);
    place.bucket->fails = {503, 0};
    REQUIRE(place.keep("first"));
    CHECK(place.bucket->asked == 3);
    CHECK(place.failures.value() == 0);

    place.bucket->fails = {500, 500, 500};
    CHECK(refusal_of(place.keep("second")) == "media_store_unavailable");
    CHECK(place.failures.value() == 1);
    CHECK_FALSE(place.files->trouble().empty());
    // What another attempt would not change.
    place.bucket->fails = {403};
    place.bucket->code = "SignatureDoesNotMatch";
    auto asked = place.bucket->asked;
    CHECK(refusal_of(place.keep("second")) == "media_store_unavailable");
    CHECK(place.bucket->asked == asked + 1);
    std::filesystem::remove(*place.path("first"));
    place.bucket->fails = {404};
    place.bucket->code = "NoSuchBucket";
    CHECK(refusal_of(place.path("first")) == "media_store_unavailable");
    CHECK(place.copies() == 0);
    REQUIRE(place.keep("second"));
    CHECK(place.files->trouble().empty());
}

TEST_CASE("requests to an object store are signed as the published example is", "[media]") {
    ToSign request;
    request.method = "GET";
    request.host = "examplebucket.s3.amazonaws.com";
    request.path = "/test.txt";
    request.fields = {{"Range", "bytes=0-9"}};
    request.content_sha256 = digest_of("");
    request.region = "us-east-1";
    request.time = std::chrono::sys_days(std::chrono::year(2013) / 5 / 24);
    auto fields = signed_fields(
        request, {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"});
    REQUIRE(fields.size() == 3);
    CHECK(fields[1] == std::pair<std::string, std::string>("X-Amz-Date", "20130524T000000Z"));
    CHECK(fields[2].second ==
          "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
          "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
          "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

}  // namespace media
