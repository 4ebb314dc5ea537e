// Large answers that go out of pages: the same bytes, in the same order, however the socket takes
// them.
#include "sealed_file.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "outgoing.hpp"
#include "support/catch.hpp"

using http::Descriptor;
using http::Form;
using http::Outgoing;
using http::SealedFile;

namespace {

constexpr std::int64_t files_max = 8;

std::string text_of(std::size_t size, char first) {
    std::string text(size, first);
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + (static_cast<std::size_t>(first) + i * i) % 26);
    }
    return text;
}

/// After this the answer's body has its file, if it may have one.
std::shared_ptr<const http::PreparedResponse> asked_often(std::string body) {
    http::Response response;
    response.body = std::move(body);
    auto answer = http::prepare(response);
    for (int i = 0; answer->sealed && i < 10; ++i) {
        answer->sealed->descriptor(answer->body, files_max);
    }
    return answer;
}

struct Pipe {
    Pipe() {
        int both[2];
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both) == 0);
        writer = Descriptor(both[0]);
        reader = Descriptor(both[1]);
        int small = 4096;
        setsockopt(writer.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    }
    std::string take(std::size_t most) {
        std::string bytes(most, '\0');
        auto got = read(reader.get(), bytes.data(), bytes.size());
        bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return bytes;
    }
    Descriptor writer;
    Descriptor reader;
};

}  // namespace

TEST_CASE("a body gets its file when it is asked for often, and loses it with its end", "[http]") {
    auto body = text_of(20000, 'a');
    SealedFile pages;
    for (int i = 0; i < 10; ++i) CHECK(pages.descriptor(body, files_max) == -1);
    int file = pages.descriptor(body, files_max);
    REQUIRE(file >= 0);
    CHECK(pages.descriptor(body, files_max) == file);
    std::string kept(body.size() + 1, '\0');
    CHECK(pread(file, kept.data(), kept.size(), 0) == static_cast<ssize_t>(body.size()));
    kept.resize(body.size());
    CHECK(kept == body);
    CHECK((fcntl(file, F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("there are at most so many page files, and those that end make room", "[http]") {
    auto body = text_of(20000, 'a');
    auto file_of = [&](SealedFile& pages) {
        for (int i = 0; i < 10; ++i) pages.descriptor(body, 2);
        return pages.descriptor(body, 2);
    };
    SealedFile first;
    CHECK(file_of(first) >= 0);
    {
        SealedFile second;
        SealedFile third;
        CHECK(file_of(second) >= 0);
        CHECK(file_of(third) == -1);
        CHECK(file_of(third) == -1);
    }
    SealedFile fourth;
    CHECK(file_of(fourth) >= 0);
}

TEST_CASE("answers from pages and from memory go out whole and in order", "[http]") {
    auto large = asked_often(text_of(50000, 'a'));
    auto other = asked_often(text_of(16384, 'b'));
    auto small = asked_often(text_of(300, 'c'));
    REQUIRE(large->sealed);
    REQUIRE(other->sealed);
    CHECK_FALSE(small->sealed);
    const Outgoing::Lines lines{"Date: now\r\n", "id", ""};
    const std::string end = "Date: now\r\nX-Request-Id: id\r\n\r\n";
    auto whole = [&](const auto& answer) { return answer->head + end + answer->body; };

    for (std::size_t piece : {std::size_t{1000}, std::size_t{4097}, std::size_t{100000}}) {
        INFO(piece);
        Pipe pipe;
        Outgoing out;
        std::string received;
        std::string expected;
        for (const auto& batch : {std::vector{small, other, small}, std::vector{large},
                                  std::vector{other, small}, std::vector{small, small}}) {
            for (const auto& answer : batch) {
                out.add(answer, Form::full, lines, files_max);
                expected += whole(answer);
            }
            out.add(large, Form::head_only, lines, files_max);
            expected += large->head + end;
            for (;;) {
                auto sent = out.send(pipe.writer.get());
                REQUIRE(sent != Outgoing::Sent::broken);
                if (sent == Outgoing::Sent::all) break;
                received += pipe.take(piece);
            }
            CHECK(out.empty());
        }
        for (auto more = pipe.take(piece); !more.empty(); more = pipe.take(piece)) {
            received += more;
        }
        CHECK(received == expected);
    }
}
